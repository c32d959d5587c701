import Realtime
import Testing
import WebRTC

@Suite("RTP header")
struct RTPHeaderTests {
  @Test("a header without extensions is read as another implementation wrote it")
  func plain() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.plain)
    let header = try RTPHeader(parsing: packet.bytes, extensions: RTPSamples.oneByteMap)
    #expect(header.marker)
    #expect(header.payloadType == 111)
    #expect(header.sequenceNumber == 65_535)
    #expect(header.timestamp == 0xFFFF_FFF0)
    #expect(header.ssrc == 0xDEAD_BEEF)
    #expect(header.extensions == RTPHeaderExtensions())
    #expect(Array(header.payload.bytes(of: packet.bytes)) == Array("opus".utf8))
  }

  @Test(
    "extensions of both forms, and after contributing sources, are read as another implementation wrote them",
    arguments: [
      (RTPSamples.oneByte, RTPSamples.oneByteMap), (RTPSamples.twoByte, RTPSamples.twoByteMap),
      (RTPSamples.contributingSources, RTPSamples.oneByteMap),
    ])
  func extensions(sample: String, map: RTPHeaderExtensionMap) throws {
    let packet = PacketBuffer(hexadecimal: sample)
    let header = try RTPHeader(parsing: packet.bytes, extensions: map)
    #expect(header.extensions.mid?.text(of: packet.bytes) == "0")
    #expect(header.extensions.rid?.text(of: packet.bytes) == "hi")
    #expect(header.extensions.repairedRid == nil)
    #expect(header.extensions.audioLevel == RTPAudioLevel(voice: true, level: 37))
    #expect(header.extensions.transportSequenceNumber == 0xABCD)
    #expect(header.extensions.absoluteSendTime == 0x12_3456)
    #expect(Array(header.payload.bytes(of: packet.bytes)) == Array("opus".utf8))
  }

  @Test("unknown identifiers are skipped")
  func unknown() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.oneByte)
    let header = try RTPHeader(parsing: packet.bytes, extensions: RTPHeaderExtensionMap([.absoluteSendTime: 6]))
    #expect(header.extensions.mid == nil)
    #expect(header.extensions.absoluteSendTime == 0x12_3456)
  }

  @Test("the example of RFC 8285 section 4.2, padding within and after elements, is read")
  func oneByteExample() throws {
    // ID 1 of one byte, ID 2 of two, two bytes of padding, ID 3 of four.
    let packet = PacketBuffer(hexadecimal: "9060000100000002000000 03bede0003 1041 21abcd 0000 3311223344")
    let map = RTPHeaderExtensionMap([.mid: 1, .transportSequenceNumber: 2, .rid: 3])
    let header = try RTPHeader(parsing: packet.bytes, extensions: map)
    #expect(header.extensions.mid?.text(of: packet.bytes) == "A")
    #expect(header.extensions.transportSequenceNumber == 0xABCD)
    #expect(header.extensions.rid?.text(of: packet.bytes) == "\u{11}\"3D")
    #expect(header.payload == PacketRange(offset: 28, count: 0))
  }

  @Test("identifier 15 ends the one-byte form, and so does an element that is too long")
  func end() throws {
    let stopped = PacketBuffer(hexadecimal: "906000010000000200000003bede0002f0411041000000 00")
    let map = RTPHeaderExtensionMap([.mid: 1])
    #expect(try RTPHeader(parsing: stopped.bytes, extensions: map).extensions.mid == nil)
    let overlong = PacketBuffer(hexadecimal: "906000010000000200000003bede00011f414141")
    #expect(try RTPHeader(parsing: overlong.bytes, extensions: map).extensions.mid == nil)
  }

  @Test("a packet of padding only has no payload")
  func padding() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.padding)
    let header = try RTPHeader(parsing: packet.bytes, extensions: RTPHeaderExtensionMap())
    #expect(header.payload.count == 0)
    #expect(header.paddingCount == 1)
  }

  @Test("impossible packets are refused")
  func impossible() {
    let map = RTPHeaderExtensionMap()
    #expect(throws: RTPError.truncated) { try parse("8060", map) }
    #expect(throws: RTPError.wrongVersion) { try parse("406000010000000200000003", map) }
    #expect(throws: RTPError.truncated) { try parse("816000010000000200000003", map) }
    #expect(throws: RTPError.truncated) { try parse("906000010000000200000003bede000100", map) }
    #expect(throws: RTPError.invalidPadding) { try parse("a06000010000000200000003", map) }
    #expect(throws: RTPError.invalidPadding) { try parse("a0600001000000020000000300", map) }
    #expect(throws: RTPError.invalidPadding) { try parse("a0600001000000020000000302", map) }
  }

  private func parse(_ hexadecimal: String, _ map: RTPHeaderExtensionMap) throws -> RTPHeader {
    let packet = PacketBuffer(hexadecimal: hexadecimal)
    return try RTPHeader(parsing: packet.bytes, extensions: map)
  }

  @Test("writing a plain header gives the bytes that another implementation gives")
  func writing() throws {
    let packet = PacketBuffer()
    let header = RTPHeader(
      payloadType: 111, sequenceNumber: 65_535, timestamp: 0xFFFF_FFF0, ssrc: 0xDEAD_BEEF, marker: true)
    try header.write(to: packet, extensions: RTPSamples.oneByteMap)
    packet.append(Array("opus".utf8))
    #expect(packet.hexadecimal == RTPSamples.plain)
  }

  @Test("all extensions survive writing and reading, in the one-byte form where it suffices")
  func roundTrip() throws {
    let packet = PacketBuffer()
    let header = RTPHeader(
      payloadType: 96, sequenceNumber: 1, timestamp: 2, ssrc: 3, extensions: Self.allExtensions)
    try header.write(to: packet, extensions: RTPSamples.oneByteMap, texts: Self.allTexts)
    var read = try RTPHeader(parsing: packet.bytes, extensions: RTPSamples.oneByteMap)
    #expect(packet.bytes[12] == 0xBE)
    #expect(Self.takeTexts(from: &read.extensions, of: packet) == Self.allTexts)
    read.payload = header.payload
    #expect(read == header)
  }

  @Test(
    "a value that is too long for the one-byte form makes the header one of the two-byte form",
    arguments: [16, 17, 100, 255])
  func widening(length: Int) throws {
    let packet = PacketBuffer()
    let descriptor = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
    var header = RTPHeader(payloadType: 96, sequenceNumber: 1, timestamp: 2, ssrc: 3, extensions: Self.allExtensions)
    try descriptor.withUnsafeBytes {
      try header.write(to: packet, extensions: RTPSamples.oneByteMap, texts: Self.allTexts, dependencyDescriptor: $0)
    }
    #expect(packet.bytes[12] == (length <= 16 ? 0xBE : 0x10))
    var read = try RTPHeader(parsing: packet.bytes, extensions: RTPSamples.oneByteMap)
    let range = try #require(read.extensions.dependencyDescriptor)
    #expect(Array(range.bytes(of: packet.bytes)) == descriptor)
    header.extensions.dependencyDescriptor = range
    #expect(Self.takeTexts(from: &read.extensions, of: packet) == Self.allTexts)
    #expect(read.extensions == header.extensions)
  }

  @Test("a value of more than 255 bytes, or a header without room, is refused")
  func noRoom() {
    let packet = PacketBuffer()
    let header = RTPHeader(payloadType: 96, sequenceNumber: 1, timestamp: 2, ssrc: 3)
    let texts = RTPHeaderExtensionTexts(mid: String(repeating: "m", count: 256))
    #expect(throws: RTPError.noRoom) { try header.write(to: packet, extensions: RTPSamples.oneByteMap, texts: texts) }
  }

  @Test("transport-wide number and send time are rewritten in place, in both forms")
  func rewriting() throws {
    for (sample, map) in [
      (RTPSamples.oneByte, RTPSamples.oneByteMap), (RTPSamples.twoByte, RTPSamples.twoByteMap),
      (RTPSamples.contributingSources, RTPSamples.oneByteMap),
    ] {
      let packet = PacketBuffer(hexadecimal: sample)
      RTPHeader.rewrite(packet, extensions: map, transportSequenceNumber: 0x1234, absoluteSendTime: 0xFEDCBA)
      let expected = sample.replacing("abcd", with: "1234").replacing("123456", with: "fedcba")
      #expect(packet.hexadecimal == expected)
    }
  }

  @Test("the send time is in 1/262,144 s and begins again after 64 s")
  func sendTime() {
    #expect(RTPHeaderExtensions.absoluteSendTime(at: Instant(nanoseconds: 1_500_000_000)) == 0x06_0000)
    #expect(RTPHeaderExtensions.absoluteSendTime(at: Instant(nanoseconds: 64_000_000_000)) == 0)
    #expect(RTPHeaderExtensions.absoluteSendTime(at: Instant(nanoseconds: 63_999_999_999)) == 0xFF_FFFF)
  }

  @Test("the map refuses identifier 0, and gives each identifier and each kind once")
  func map() {
    var map = RTPHeaderExtensionMap()
    let isMapped = map.map(.mid, to: 0)
    #expect(!isMapped)
    map.map(.mid, to: 4)
    map.map(.rid, to: 4)
    #expect(map.kind(of: 4) == .rid)
    #expect(map.id(of: .mid) == nil)
    map.map(.rid, to: 7)
    #expect(map.kind(of: 4) == nil)
    #expect(map.id(of: .rid) == 7)
    for kind in RTPHeaderExtensionKind.allCases { #expect(RTPHeaderExtensionKind(uri: kind.uri) == kind) }
    #expect(RTPHeaderExtensionKind(uri: "urn:ietf:params:rtp-hdrext:toffset") == nil)
  }

  static let allTexts = RTPHeaderExtensionTexts(mid: "1", rid: "f", repairedRid: "h")

  /// The texts that a read header points to, which it then points to no more.
  private static func takeTexts(
    from extensions: inout RTPHeaderExtensions, of packet: PacketBuffer
  ) -> RTPHeaderExtensionTexts {
    defer { (extensions.mid, extensions.rid, extensions.repairedRid) = (nil, nil, nil) }
    return RTPHeaderExtensionTexts(
      mid: extensions.mid?.text(of: packet.bytes), rid: extensions.rid?.text(of: packet.bytes),
      repairedRid: extensions.repairedRid?.text(of: packet.bytes))
  }

  static var allExtensions: RTPHeaderExtensions {
    var extensions = RTPHeaderExtensions()
    extensions.audioLevel = RTPAudioLevel(voice: false, level: 127)
    extensions.transportSequenceNumber = 0xFFFF
    extensions.absoluteSendTime = 0xFF_FFFF
    extensions.absoluteCaptureTime = AbsoluteCaptureTime(
      time: NTPTime(rawValue: 0xE1A2_B3C4_D5E6_F708), clockOffset: -5)
    extensions.playoutDelay = PlayoutDelay(minimum: 100, maximum: 40_950)
    return extensions
  }
}

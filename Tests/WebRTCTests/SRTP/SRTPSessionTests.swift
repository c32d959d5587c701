import Realtime
import Testing
import WebRTC

@Suite("SRTP sessions")
struct SRTPSessionTests {
  /// A sender and the receiver of what it sends.
  private struct Pair {
    let sender: SRTPSession
    let receiver: SRTPSession

    init(_ profile: SRTPProfile, allowsRepeats: Bool = false) throws {
      let key = (0..<(profile.keyLength + profile.saltLength)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
      sender = try SRTPSession(.outbound, profile: profile, key: key, allowsRepeats: allowsRepeats)
      receiver = try SRTPSession(.inbound, profile: profile, key: key)
    }

    func protected(_ packet: SRTPTestPacket) throws -> PacketBuffer {
      let buffer = packet.buffer
      try sender.protectRTP(buffer)
      return buffer
    }

    func received(_ buffer: PacketBuffer) throws -> [UInt8] {
      let copy = PacketBuffer()
      copy.assign(buffer.bytes)
      copy.count = try receiver.unprotectRTP(copy.inUse)
      return Array(copy.bytes)
    }
  }

  @Test("a packet comes back as it was, with the overhead its profile announces", arguments: SRTPProfile.allCases)
  func roundTrip(profile: SRTPProfile) throws {
    let pair = try Pair(profile)
    let packet = SRTPTestPacket(ssrc: 1, sequence: 7)
    let protected = try pair.protected(packet)
    #expect(protected.count == packet.bytes.count + profile.rtpOverhead)
    #expect(try pair.received(protected) == packet.bytes)
    let report = SRTPTestPacket(receiverReportFrom: 1)
    let control = report.buffer
    try pair.sender.protectRTCP(control)
    #expect(control.count == report.bytes.count + profile.rtcpOverhead)
    control.count = try pair.receiver.unprotectRTCP(control.inUse)
    #expect(Array(control.bytes) == report.bytes)
  }

  @Test("a packet that is played again is refused", arguments: SRTPProfile.allCases)
  func replay(profile: SRTPProfile) throws {
    let pair = try Pair(profile)
    let protected = try pair.protected(SRTPTestPacket(ssrc: 1, sequence: 7))
    _ = try pair.received(protected)
    #expect(throws: SRTPError.replay) { try pair.received(protected) }
  }

  @Test("a packet with one bit changed is refused, wherever the bit is", arguments: SRTPProfile.allCases)
  func forgery(profile: SRTPProfile) throws {
    let pair = try Pair(profile)
    let protected = try pair.protected(SRTPTestPacket(ssrc: 1, sequence: 7, payloadLength: 20))
    for bit in 0..<(protected.count * 8) {
      let copy = PacketBuffer()
      copy.assign(protected.bytes)
      copy.memory[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: SRTPError.self) { try pair.receiver.unprotectRTP(copy.inUse) }
    }
    #expect(pair.receiver.sourceCount == 0, "forged SSRCs must not cost memory")
    _ = try pair.received(protected)
  }

  @Test("packets arrive in any order within the window across two rollovers of the sequence number")
  func rollover() throws {
    let pair = try Pair(.aeadAES128GCM)
    var random = SeededRandom(seed: 1)
    var waiting: [(packet: SRTPTestPacket, protected: PacketBuffer)] = []
    var count = 0
    for index in 0..<140_000 {
      let packet = SRTPTestPacket(ssrc: 1, sequence: UInt16(truncatingIfNeeded: index &+ 65_000), payloadLength: 4)
      waiting.append((packet, try pair.protected(packet)))
      guard waiting.count == 64 else { continue }
      waiting.shuffle(using: &random)
      for (packet, protected) in waiting {
        protected.count = try pair.receiver.unprotectRTP(protected.inUse)
        if Array(protected.bytes) == packet.bytes { count += 1 }
      }
      waiting.removeAll()
    }
    #expect(count == 140_000 / 64 * 64)
  }

  @Test("a packet 1 000 packets late is taken, one 2 000 late is too old")
  func window() throws {
    let pair = try Pair(.aes128CMHMACSHA1_80)
    let protected = try (0..<3_001).map { try pair.protected(SRTPTestPacket(ssrc: 1, sequence: UInt16($0))) }
    _ = try pair.received(protected[3_000])
    _ = try pair.received(protected[2_000])
    #expect(throws: SRTPError.replay) { try pair.received(protected[1_000]) }
  }

  @Test("300 streams are kept apart")
  func manyStreams() throws {
    let pair = try Pair(.aeadAES128GCM)
    for sequence: UInt16 in [65_534, 65_535, 0, 1] {
      for ssrc: UInt32 in 1...300 {
        let packet = SRTPTestPacket(ssrc: ssrc, sequence: sequence)
        #expect(try pair.received(try pair.protected(packet)) == packet.bytes)
      }
    }
    #expect(pair.receiver.sourceCount == 300)
  }

  @Test("received streams are bounded, the one that was silent longest goes first")
  func boundedStreams() throws {
    let pair = try Pair(.aeadAES128GCM)
    let key = (0..<28).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
    let others = try SRTPSession(.outbound, profile: .aeadAES128GCM, key: key)
    let first = try pair.protected(SRTPTestPacket(ssrc: 1, sequence: 1))
    let second = try pair.protected(SRTPTestPacket(ssrc: 2, sequence: 1))
    _ = try pair.received(first)
    _ = try pair.received(second)
    for ssrc in 3...UInt32(SRTPSession.sourceLimit) + 1 {
      let buffer = SRTPTestPacket(ssrc: ssrc, sequence: 1).buffer
      try others.protectRTP(buffer)
      _ = try pair.received(buffer)
      if ssrc % 100 == 0 { _ = try pair.received(try pair.protected(SRTPTestPacket(ssrc: 2, sequence: UInt16(ssrc)))) }
    }
    #expect(pair.receiver.sourceCount == SRTPSession.sourceLimit)
    #expect(throws: SRTPError.replay, "the busy stream is still known") { try pair.received(second) }
    #expect(throws: Never.self, "the silent stream is forgotten") { try pair.received(first) }
  }

  @Test("we never send more streams than a session holds")
  func tooManySources() throws {
    let pair = try Pair(.aeadAES128GCM)
    for ssrc in 1...UInt32(SRTPSession.sourceLimit) { _ = try pair.protected(SRTPTestPacket(ssrc: ssrc, sequence: 1)) }
    #expect(throws: SRTPError.tooManySources) { try pair.protected(SRTPTestPacket(ssrc: 0, sequence: 1)) }
  }

  @Test("a sequence number isn't used twice unless that is allowed")
  func repeats() throws {
    let packet = SRTPTestPacket(ssrc: 1, sequence: 9)
    let strict = try Pair(.aeadAES128GCM)
    _ = try strict.protected(packet)
    #expect(throws: SRTPError.replay) { try strict.protected(packet) }
    let lenient = try Pair(.aeadAES128GCM, allowsRepeats: true)
    let first = try lenient.protected(packet)
    let second = try lenient.protected(packet)
    #expect(Array(second.bytes) == Array(first.bytes))
  }

  @Test("truncated packets and noise are refused without harm", arguments: SRTPProfile.allCases)
  func noise(profile: SRTPProfile) throws {
    let pair = try Pair(profile)
    let protected = try pair.protected(SRTPTestPacket(ssrc: 1, sequence: 7))
    for count in 0..<protected.count {
      let copy = PacketBuffer()
      copy.assign(UnsafeRawBufferPointer(rebasing: protected.bytes[..<count]))
      #expect(throws: SRTPError.self) { try pair.receiver.unprotectRTP(copy.inUse) }
      copy.count = count
      #expect(throws: SRTPError.self) { try pair.receiver.unprotectRTCP(copy.inUse) }
    }
    var random = SeededRandom(seed: 2)
    for _ in 0..<20_000 {
      let buffer = PacketBuffer()
      buffer.count = Int.random(in: 0...200, using: &random)
      for index in 0..<buffer.count { buffer.memory[index] = UInt8.random(in: 0...255, using: &random) }
      if buffer.count > 0 { buffer.memory[0] = 0x80 | buffer.memory[0] & 0x3F }
      #expect(throws: SRTPError.self) { try pair.receiver.unprotectRTP(buffer.inUse) }
      #expect(throws: SRTPError.self) { try pair.receiver.unprotectRTCP(buffer.inUse) }
    }
    #expect(pair.receiver.sourceCount == 0)
  }

  @Test("packets that don't fit, are too short or go the wrong way are typed errors")
  func misuse() throws {
    let pair = try Pair(.aeadAES128GCM)
    let long = SRTPTestPacket(ssrc: 1, sequence: 1, payloadLength: PacketBuffer.capacity - 20).buffer
    #expect(throws: SRTPError.tooLong) { try pair.sender.protectRTP(long) }
    #expect(throws: SRTPError.malformed) { try pair.sender.protectRTP(PacketBuffer()) }
    #expect(throws: SRTPError.invalidState) {
      try pair.receiver.protectRTP(SRTPTestPacket(ssrc: 1, sequence: 1).buffer)
    }
    #expect(throws: SRTPError.invalidState) { try SRTPSession(.inbound, profile: .aeadAES256GCM, key: [1, 2, 3]) }
  }
}

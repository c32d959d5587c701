import Realtime
import Testing
import WebRTC

/// The blocks of a RED payload with their bytes.
private func blocks(_ payload: [UInt8]) throws -> [(block: REDBlock, bytes: [UInt8])] {
  try payload.withUnsafeBytes { bytes in
    try REDPacket(parsing: bytes).map { ($0, Array(payload[$0.range])) }
  }
}

extension REDPacketizer {
  /// The RED payload for `packet`.
  fileprivate func packet(_ packet: [UInt8], timestamp: UInt32, room: Int = 1_500) -> [UInt8] {
    var target = [UInt8](repeating: 0, count: room)
    let count = target.withUnsafeMutableBytes { target in
      packet.withUnsafeBytes { write($0, timestamp: timestamp, into: target) }
    }
    return Array(target[..<count])
  }
}

@Suite("RED")
struct REDTests {
  @Test("the header of RFC 2198, section 3, is read field by field")
  func headerLayout() throws {
    // F=1, block type 5, offset 0x2ABC, length 3; then F=0, block type 7.
    let offsetAndLength: UInt32 = 0x2ABC << 10 | 3
    let payload: [UInt8] =
      [0x85, UInt8(offsetAndLength >> 16), UInt8(offsetAndLength >> 8 & 0xFF), UInt8(offsetAndLength & 0xFF), 0x07]
      + [1, 2, 3, 9, 9]
    let found = try blocks(payload)
    #expect(found.count == 2)
    #expect(found[0].block.payloadType == 5 && found[0].block.timestampOffset == 0x2ABC)
    #expect(found[0].bytes == [1, 2, 3] && !found[0].block.isPrimary)
    #expect(found[1].block.payloadType == 7 && found[1].block.timestampOffset == 0)
    #expect(found[1].bytes == [9, 9] && found[1].block.isPrimary)
  }

  @Test("two generations are repeated, oldest first")
  func twoGenerations() throws {
    let packetizer = REDPacketizer(payloadType: 111, generations: 2)
    #expect(packetizer.packet([1], timestamp: 0xFFFF_FFFF) == [111, 1])
    _ = packetizer.packet([2, 2], timestamp: 959)
    let found = try blocks(packetizer.packet([3, 3, 3], timestamp: 1_919))
    #expect(found.map(\.bytes) == [[1], [2, 2], [3, 3, 3]])
    #expect(found.map(\.block.timestampOffset) == [1_920, 960, 0])
    #expect(found.allSatisfy { $0.block.payloadType == 111 })
  }

  @Test("what is too old, too long or too much is left out")
  func limits() throws {
    let packetizer = REDPacketizer(payloadType: 111, generations: 2, maximumPayloadSize: 1_100)
    _ = packetizer.packet([1], timestamp: 0)
    #expect(try blocks(packetizer.packet([2], timestamp: 16_383)).count == 2)
    #expect(try blocks(packetizer.packet([3], timestamp: 32_767)).count == 1)
    let long = [UInt8](repeating: 7, count: 1_024)
    #expect(try blocks(packetizer.packet(long, timestamp: 33_000)).count == 2)
    #expect(try blocks(packetizer.packet([4], timestamp: 33_960)).count == 1)
    let middling = [UInt8](repeating: 8, count: 600)
    _ = packetizer.packet(middling, timestamp: 34_920)
    #expect(try blocks(packetizer.packet(middling, timestamp: 35_880)).count == 1)
    #expect(packetizer.packet(middling, timestamp: 36_840, room: 600).isEmpty)
  }

  @Test("truncated and altered packets are refused or read within their bounds")
  func mutations() throws {
    #expect(throws: PayloadFormatError.truncated) { try blocks([]) }
    let endless = [UInt8](repeating: 0x80, count: 200)
    #expect(throws: PayloadFormatError.unsupported) { try blocks(endless) }
    let packetizer = REDPacketizer(payloadType: 111, generations: 2)
    _ = packetizer.packet([1, 2, 3], timestamp: 0)
    _ = packetizer.packet([4, 5], timestamp: 960)
    let good = packetizer.packet([6, 7, 8, 9], timestamp: 1_920)
    for count in 0..<14 { #expect(throws: PayloadFormatError.truncated) { try blocks(Array(good[..<count])) } }
    var random = SeededRandom(seed: 1)
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random) }
      _ = try? blocks(bytes)
    }
  }
}

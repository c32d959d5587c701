import Realtime
import Testing

@testable import WebRTC

@Suite("Data channel establishment")
struct DataChannelEstablishmentTests {
  @Test("an opening is laid out as RFC 8832 §5.1 draws it")
  func layout() {
    let options = DataChannelOptions(isOrdered: false, reliability: .maximumLifetime(258), subprotocol: "p")
    let message = DataChannelEstablishment.open(label: "é", options: options)
    #expect(message.bytes == [3, 0x82, 0, 0, 0, 0, 1, 2, 0, 2, 0, 1, 0xC3, 0xA9, 0x70])
    #expect(DataChannelEstablishment(message.bytes) == message)
    #expect(DataChannelEstablishment.acknowledgement.bytes == [2])
  }

  @Test("truncated, overlong and unknown messages are refused, noise doesn't trap")
  func refused() {
    let bytes = DataChannelEstablishment.open(label: "label", options: DataChannelOptions()).bytes
    for count in 0..<bytes.count { #expect(DataChannelEstablishment(Array(bytes.prefix(count))) == nil) }
    #expect(DataChannelEstablishment(bytes + [0]) == nil)
    #expect(DataChannelEstablishment([3, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) == nil)
    #expect(DataChannelEstablishment([UInt8](repeating: 3, count: 100_000)) == nil)
    var random = SeededRandom(seed: 1)
    for _ in 0..<10_000 {
      var noise = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if !noise.isEmpty { noise[0] = 3 }
      _ = DataChannelEstablishment(noise)
    }
  }
}

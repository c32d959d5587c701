import Realtime
import Testing

@testable import WebRTC

@Suite("History of sent packets")
struct SentPacketHistoryTests {
  private let start = Instant(nanoseconds: 0)

  private func packet(_ number: UInt16) -> PacketBuffer {
    let buffer = PacketBuffer()
    withUnsafeBytes(of: number) { _ = buffer.assign($0) }
    return buffer
  }

  private func kept(_ number: UInt16, in history: SentPacketHistory, at now: Instant) -> Bool {
    guard let index = history.index(of: number, at: now), let buffer = history[index].buffer else { return false }
    return buffer.bytes.loadUnaligned(as: UInt16.self) == number
  }

  @Test(
    "all packets of the last two seconds are kept while there are no more than the capacity",
    arguments: [10, 40, 100, 250])
  func age(rate: Int) {
    var history = SentPacketHistory(capacity: 512, maximumAge: .seconds(2))
    let first = UInt16.max - 300
    for count in 0..<2_000 {
      let now = start + .nanoseconds(Int64(count) * 1_000_000_000 / Int64(rate))
      history.store(packet(first &+ UInt16(count)), first &+ UInt16(count), at: now)
      for back in stride(from: 0, to: min(count, 2 * rate), by: 7) {
        #expect(kept(first &+ UInt16(count - back), in: history, at: now), "\(back) of \(count)")
      }
      if count > 2 * rate + 1 {
        #expect(!kept(first &+ UInt16(count - 2 * rate - 1), in: history, at: now))
      }
    }
  }

  @Test("more packets than the capacity push the oldest out", arguments: [128, 512, 5_000])
  func capacity(limit: Int) {
    var history = SentPacketHistory(capacity: limit, maximumAge: .seconds(2))
    let bound = min(limit, 1_024)
    for count in 0..<3_000 { history.store(packet(UInt16(count)), UInt16(count), at: start) }
    #expect((3_000 - bound..<3_000).allSatisfy { kept(UInt16($0), in: history, at: start) })
    #expect(!kept(UInt16(2_999 - bound), in: history, at: start))
  }

  @Test("what was noted of a packet survives the growth")
  func growth() throws {
    var history = SentPacketHistory(capacity: 512, maximumAge: .seconds(2))
    history.store(packet(7), 7, at: start)
    let index = try #require(history.index(of: 7, at: start))
    history[index].repeatCount = 3
    history[index].isPending = true
    for count in 8..<300 { history.store(packet(UInt16(count)), UInt16(count), at: start) }
    let moved = try #require(history.index(of: 7, at: start))
    #expect(history[moved].repeatCount == 3 && history[moved].isPending)
  }
}

import Realtime
import Testing

@testable import WebRTC

@Suite("RTP reception statistics")
struct RTPReceiveStatisticsTests {
  @Test("loss is counted since the last report and since the beginning (RFC 3550 appendix A.3)")
  func loss() throws {
    var statistics = RTPReceiveStatistics(clockRate: 8_000)
    for number: Int64 in [100, 101, 103, 104] { statistics.receive(number, timestamp: 0, at: .init(nanoseconds: 0)) }
    var block = try unwrap(statistics.report(ssrc: 1, lastSenderReport: 2, delay: 3))
    // One of five: 256 / 5.
    #expect(block.fractionLost == 51)
    #expect(block.cumulativeLost == 1)
    #expect(block.highestSequenceNumber == 104)
    #expect(block.lastSenderReport == 2)
    #expect(block.delaySinceLastSenderReport == 3)

    // The missing one comes late, with two new ones: three came where two were expected.
    for number: Int64 in [102, 105, 106] { statistics.receive(number, timestamp: 0, at: .init(nanoseconds: 0)) }
    block = try unwrap(statistics.report(ssrc: 1, lastSenderReport: 0, delay: 0))
    #expect(block.fractionLost == 0)
    #expect(block.cumulativeLost == 0)

    // Duplicates outweigh losses.
    for _ in 0..<3 { statistics.receive(106, timestamp: 0, at: .init(nanoseconds: 0)) }
    block = try unwrap(statistics.report(ssrc: 1, lastSenderReport: 0, delay: 0))
    #expect(block.cumulativeLost == -3)
    #expect(block.fractionLost == 0)
  }

  // `#require` can't call mutating functions.
  private func unwrap(_ block: ReportBlock?) throws -> ReportBlock { try #require(block) }

  @Test("a report of nothing but loss says so without overflowing")
  func total() throws {
    var statistics = RTPReceiveStatistics(clockRate: 8_000)
    statistics.receive(0, timestamp: 0, at: .init(nanoseconds: 0))
    _ = statistics.report(ssrc: 1, lastSenderReport: 0, delay: 0)
    statistics.receive(20_000_000, timestamp: 0, at: .init(nanoseconds: 0))
    let block = try unwrap(statistics.report(ssrc: 1, lastSenderReport: 0, delay: 0))
    #expect(block.fractionLost == 255)
    #expect(block.cumulativeLost == 0x7F_FFFF)
  }

  @Test("jitter is what appendix A.8 computes by hand")
  func jitter() throws {
    var statistics = RTPReceiveStatistics(clockRate: 8_000)
    // Sent every 20 ms (160 units), arriving after 0, 20, 44 and 60 ms: deviations of 0, 32 and −32 units.
    for (index, milliseconds) in [0, 20, 44, 60].enumerated() {
      statistics.receive(
        Int64(index), timestamp: UInt32(index * 160), at: .init(nanoseconds: Int64(milliseconds) * 1_000_000))
    }
    // In sixteenths: 0; 0 + 32 − ((0 + 8) >> 4) = 32; 32 + 32 − ((32 + 8) >> 4) = 62. Then 62 >> 4.
    #expect(statistics.jitter == 3)
  }

  @Test("timestamps and arrivals may wrap within an interval")
  func wrap() {
    var statistics = RTPReceiveStatistics(clockRate: 90_000)
    let start = UInt32.max - 2_999
    for index in 0..<100 {
      statistics.receive(
        Int64(index), timestamp: start &+ UInt32(index * 900),
        at: .init(nanoseconds: 47_721_000_000_000 + Int64(index) * 10_000_000))
    }
    #expect(statistics.jitter == 0)
  }
}

@Suite("RTP sequence numbers")
struct RTPSequenceTrackerTests {
  @Test("numbers continue across the wrap, forwards and backwards")
  func wrap() {
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    let (_, first) = tracker.receive(65_534, timestamp: 0)
    let (position, second) = tracker.receive(1, timestamp: 0)
    #expect(position == .newest)
    #expect(second == first + 3)
    let (late, third) = tracker.receive(65_535, timestamp: 0)
    #expect(late == .older)
    #expect(third == first + 1)
  }

  @Test("after a jump two packets in sequence begin anew, and numbers never go back")
  func restart() {
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    let (_, first) = tracker.receive(10_000, timestamp: 1_000_000)
    let (jump, _) = tracker.receive(5_000, timestamp: 3_000_000_000)
    #expect(jump == .implausible)
    let (restart, number) = tracker.receive(5_001, timestamp: 3_000_000_000)
    #expect(restart == .restart)
    #expect(number > first)
    #expect(UInt16(truncatingIfNeeded: number) == 5_001)
    let (next, _) = tracker.receive(5_002, timestamp: 3_000_000_000)
    #expect(next == .newest)
  }

  @Test("a single stray packet changes nothing")
  func stray() {
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    let (_, first) = tracker.receive(10_000, timestamp: 0)
    let (stray, _) = tracker.receive(40_000, timestamp: 7)
    #expect(stray == .implausible)
    let (next, number) = tracker.receive(10_001, timestamp: 0)
    #expect(next == .newest)
    #expect(number == first + 1)
  }

  @Test("repeats of old packets, in sequence, are no new beginning")
  func repeats() {
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    for index in 0..<1_000 { _ = tracker.receive(UInt16(index), timestamp: UInt32(index) * 3_000) }
    for index in 400..<410 {
      let (position, _) = tracker.receive(UInt16(index), timestamp: UInt32(index) * 3_000)
      #expect(position == .older)
    }
  }
}

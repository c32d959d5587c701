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

import Realtime
import Testing
import WebRTC

@Suite("Received bandwidth")
struct ReceiveBandwidthEstimateTests {
  @Test("without loss it grows with the traffic, with much loss it falls below it")
  func loss() {
    var estimate = ReceiveBandwidthEstimate()
    var now = Instant(nanoseconds: 0)
    var reports: [UInt64] = []
    func second(_ bitrate: Int, lost: Int) {
      for _ in 0..<100 {
        now = now + .milliseconds(10)
        estimate.receive(byteCount: bitrate / 800, at: now)
        if let report = estimate.poll(at: now) { reports.append(report) }
      }
      estimate.lose(lost)
    }
    second(4_000_000, lost: 0)
    #expect(reports.first == 5_000_000)
    for _ in 0..<5 { second(4_000_000, lost: 0) }
    #expect(abs(estimate.incomingBitrate - 4_000_000) < 100_000)
    #expect(abs(estimate.bitrate - 8_000_000) < 100_000)
    for _ in 0..<3 { second(4_000_000, lost: 33) }
    #expect(abs(estimate.lossFraction - 0.25) < 0.01)
    #expect(abs(estimate.bitrate - 3_500_000) < 100_000)
    #expect(estimate.nextDeadline > now)
  }

  @Test("however bad it gets, one small layer stays allowed")
  func floor() {
    var estimate = ReceiveBandwidthEstimate()
    var now = Instant(nanoseconds: 0)
    for _ in 0..<100 {
      now = now + .seconds(1)
      estimate.receive(byteCount: 1, at: now)
      estimate.lose(1_000)
      _ = estimate.poll(at: now)
    }
    #expect(estimate.bitrate == ReceiveBandwidthEstimate.minimumBitrate)
  }
}

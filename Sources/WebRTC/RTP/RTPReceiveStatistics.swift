import Realtime

/// A source's reception statistics (RFC 3550 appendices A.3 and A.8).
struct RTPReceiveStatistics {
  private let clockRate: Int64
  private var first: Int64?
  private var highest: Int64 = 0
  // The cycle of the first packet, which a report counts as the zeroth whatever the numbers given here begin with.
  private var firstCycle: Int64 = 0
  private var receivedCount: Int64 = 0
  private var expectedBefore: Int64 = 0
  private var receivedBefore: Int64 = 0
  private var previousTransit: Int32?
  // Sixteen times the jitter, as in A.8.
  private var scaledJitter: Int64 = 0

  init(clockRate: UInt32) {
    self.clockRate = Int64(clockRate)
  }

  /// Interarrival jitter in units of the clock.
  var jitter: UInt32 { UInt32(clamping: scaledJitter >> 4) }

  /// Packets that never came, as of now; negative when duplicates outweigh losses.
  var cumulativeLost: Int64 { expected - receivedCount }

  /// Whether any packet came since the last report.
  var hasNews: Bool { receivedCount != receivedBefore }

  private var expected: Int64 { first.map { highest - $0 + 1 } ?? 0 }

  /// Counts a packet that came on the source itself: late and repeated ones too, as A.3 says. Jitter is measured with
  /// those in order only, as a repeat tells nothing of it.
  mutating func receive(_ sequenceNumber: Int64, timestamp: UInt32, isInOrder: Bool = true, at now: Instant) {
    if let first {
      // A reordered one from before the first was expected as well.
      self.first = min(first, sequenceNumber)
    } else {
      begin(at: sequenceNumber)
    }
    highest = max(highest, sequenceNumber)
    receivedCount += 1
    guard isInOrder else { return }

    // Only differences count, so that the clock's zero doesn't matter.
    let (seconds, rest) = now.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let arrival = UInt32(truncatingIfNeeded: seconds &* clockRate &+ rest * clockRate / 1_000_000_000)
    let transit = Int32(bitPattern: arrival &- timestamp)
    if let previousTransit {
      let difference = Int64((transit &- previousTransit).magnitude)
      scaledJitter += difference - ((scaledJitter + 8) >> 4)
    }
    previousTransit = transit
  }

  /// Forgets what a source was that has begun anew with `sequenceNumber`, as A.1's init_seq does.
  mutating func restart(at sequenceNumber: Int64) {
    self = RTPReceiveStatistics(clockRate: UInt32(clamping: clockRate))
    begin(at: sequenceNumber)
  }

  private mutating func begin(at sequenceNumber: Int64) {
    first = sequenceNumber
    highest = sequenceNumber
    firstCycle = sequenceNumber & ~0xFFFF
  }

  /// The block for the next report, with the fraction lost since the previous one; nil before the first packet.
  mutating func report(ssrc: UInt32, lastSenderReport: UInt32, delay: UInt32) -> ReportBlock? {
    guard first != nil else { return nil }
    let expectedNow = expected - expectedBefore
    let lostNow = expectedNow - (receivedCount - receivedBefore)
    expectedBefore = expected
    receivedBefore = receivedCount
    return ReportBlock(
      ssrc: ssrc, fractionLost: expectedNow > 0 && lostNow > 0 ? UInt8(clamping: (lostNow << 8) / expectedNow) : 0,
      cumulativeLost: Int32(clamping: min(max(cumulativeLost, -0x80_0000), 0x7F_FFFF)),
      highestSequenceNumber: UInt32(truncatingIfNeeded: highest - firstCycle), jitter: jitter,
      lastSenderReport: lastSenderReport,
      delaySinceLastSenderReport: delay)
  }
}

import Realtime

/// When sender and receiver reports go out (RFC 3550 section 6.2, with the fixed interval that RTP/AVPF allows on
/// connections of two, RFC 4585 section 3.4): about every second, at random between half and one and a half times that,
/// so that many rooms don't report in step. NACK, PLI and feedback don't wait for it.
public struct RTCPScheduler: Sendable {
  /// The mean time between reports.
  public static let interval = Duration.seconds(1)
  /// How soon the first report, or that on a new stream, goes out. LiveKit neither probes nor repeats before it.
  public static let firstDelay = Duration.milliseconds(50)

  /// When the next report is due.
  public private(set) var nextDeadline = Instant.distantFuture

  /// A scheduler at rest until a stream begins.
  public init() {}

  /// Notes that a stream has begun, sent or received: a report follows soon.
  public mutating func streamBegan(at now: Instant) {
    nextDeadline = min(nextDeadline, now + Self.firstDelay)
  }

  /// Whether a report is to be sent now; the next one is then scheduled.
  public mutating func takeReport(at now: Instant, using generator: inout some RandomNumberGenerator) -> Bool {
    guard now >= nextDeadline else { return false }
    let nanoseconds = Self.interval.nanoseconds
    nextDeadline = now + .nanoseconds(Int64.random(in: nanoseconds / 2...nanoseconds * 3 / 2, using: &generator))
    return true
  }
}

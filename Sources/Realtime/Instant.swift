/// A point on a monotonic clock, in nanoseconds since an arbitrary epoch that all parties of one process share.
///
/// Nothing below the I/O drivers reads a clock: time comes in as an argument, so that tests run in virtual time.
public struct Instant: InstantProtocol, Hashable, Sendable {
  /// Nanoseconds since the clock's epoch.
  public var nanoseconds: Int64

  /// The instant `nanoseconds` after the clock's epoch.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// An instant later than any that a clock reaches: "no deadline".
  public static let distantFuture = Instant(nanoseconds: .max)

  /// This instant moved by `duration`, saturating at `distantFuture`.
  public func advanced(by duration: Duration) -> Instant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanoseconds)
    return overflow ? (duration > .zero ? .distantFuture : Instant(nanoseconds: .min)) : Instant(nanoseconds: sum)
  }

  /// The time from this instant to `other`; negative when `other` is earlier.
  public func duration(to other: Instant) -> Duration {
    .nanoseconds(other.nanoseconds.subtractingReportingOverflow(nanoseconds).partialValue)
  }

  /// Whether `left` is earlier than `right`.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// `instant` moved by `duration`.
  public static func + (instant: Instant, duration: Duration) -> Instant { instant.advanced(by: duration) }
  /// `instant` moved back by `duration`.
  public static func - (instant: Instant, duration: Duration) -> Instant { instant.advanced(by: .zero - duration) }
  /// The time from `right` to `left`.
  public static func - (left: Instant, right: Instant) -> Duration { right.duration(to: left) }
}

extension Duration {
  /// This duration in whole nanoseconds, saturating at the range of `Int64`.
  public var nanoseconds: Int64 {
    // Up to nine seconds without dividing 128 bits, which costs more than all else that is done with a time.
    if let attoseconds = Int64(exactly: attoseconds) { return attoseconds / 1_000_000_000 }
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || carry ? (seconds < 0 ? .min : .max) : sum
  }

  /// This duration in seconds.
  public var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// This duration in milliseconds.
  public var milliseconds: Double { seconds * 1_000 }
}

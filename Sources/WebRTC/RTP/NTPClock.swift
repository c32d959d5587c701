import Realtime

/// The one NTP clock that all streams of a participant share, so that their sender reports can be compared
/// (RFC 3550 section 6.4.1): the process's monotonic clock, shifted.
public struct NTPClock: Hashable, Sendable {
  private let origin: NTPTime
  private let instant: Instant

  /// The clock that shows `time` at `instant`. It needn't be right, only the same for all streams and never set again.
  public init(_ time: NTPTime, at instant: Instant) {
    origin = time
    self.instant = instant
  }

  /// What the clock shows at `instant`.
  public func time(at instant: Instant) -> NTPTime {
    origin.advanced(by: self.instant.duration(to: instant))
  }

  /// The round-trip time that a report block tells (RFC 3550 section 6.4.1): `lastReport` and `delay` are its LSR and
  /// DLSR, and it arrived at `instant`. Nil when the other end had no report of ours yet, or says what can't be.
  public func roundTripTime(lastReport: UInt32, delay: UInt32, at instant: Instant) -> Duration? {
    guard lastReport != 0 else { return nil }
    let units = Int32(bitPattern: time(at: instant).middle &- delay &- lastReport)
    // Rounding on both sides may make a very short trip negative by a few units of 15 µs.
    guard units > -256 else { return nil }
    return .nanoseconds(Int64(max(units, 0)) * 1_000_000_000 / 65_536)
  }
}

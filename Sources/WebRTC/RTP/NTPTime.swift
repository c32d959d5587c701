import Realtime

/// A time in NTP's format (RFC 3550 section 4): seconds since 1 January 1900 in 32.32 fixed point, modulo 2³² s.
public struct NTPTime: Hashable, Sendable {
  /// Seconds in the upper 32 bits, 1/2³² s in the lower.
  public var rawValue: UInt64

  /// The time with these 64 bits.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The middle 32 bits: 1/65,536 s, modulo 65,536 s. The unit of LSR and DLSR (RFC 3550 section 6.4.1).
  public var middle: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }

  /// This time moved by `duration`.
  public func advanced(by duration: Duration) -> NTPTime {
    NTPTime(rawValue: rawValue &+ UInt64(bitPattern: Self.fixedPoint(duration)))
  }

  /// The time from this one to `other`, taken as less than 68 years either way.
  public func duration(to other: NTPTime) -> Duration {
    let difference = Int64(bitPattern: other.rawValue &- rawValue)
    let fraction = ((difference & 0xFFFF_FFFF) * 1_000_000_000) >> 32
    return .seconds(difference >> 32) + .nanoseconds(fraction)
  }

  private static func fixedPoint(_ duration: Duration) -> Int64 {
    let nanoseconds = duration.nanoseconds
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return seconds &<< 32 &+ (rest << 32) / 1_000_000_000
  }
}

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

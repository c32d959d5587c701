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

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Conversions between linear amplitude, decibels and the level field of RFC 6464.
public enum AudioLevel {
  /// `amplitude` in dB relative to 1; -200 for silence.
  public static func decibels(_ amplitude: Float) -> Float {
    amplitude > 1e-10 ? 20 * log10(amplitude) : -200
  }

  /// The amplitude of `decibels` relative to 1.
  public static func amplitude(decibels: Float) -> Float { pow(10, decibels / 20) }

  /// The level field of RFC 6464 section 3: 0 for `rootMeanSquare` of 1 and above, down to 127 at -127 dBov and below.
  public static func code(rootMeanSquare: Float) -> UInt8 {
    guard rootMeanSquare.isFinite else { return 127 }
    return UInt8(min(127, max(0, (-decibels(rootMeanSquare)).rounded())))
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The ideal low-pass filter, cut to a finite length by a Kaiser window.
enum WindowedSinc {
  /// The filter's value at `distance` samples from its centre.
  /// - Parameters:
  ///   - cutoff: where it cuts off, in units of half the sample rate.
  ///   - half: half its length, in samples.
  ///   - beta: shape of the window; the more, the deeper the stop band and the wider the transition.
  static func value(at distance: Double, cutoff: Double, half: Double, beta: Double) -> Double {
    cutoff * sinc(cutoff * distance) * kaiser(distance / half, beta)
  }

  private static func sinc(_ x: Double) -> Double {
    abs(x) < 1e-12 ? 1 : sin(.pi * x) / (.pi * x)
  }

  private static func kaiser(_ x: Double, _ beta: Double) -> Double {
    abs(x) >= 1 ? 0 : bessel(beta * (1 - x * x).squareRoot()) / bessel(beta)
  }

  /// The modified Bessel function of order 0.
  private static func bessel(_ x: Double) -> Double {
    var sum = 1.0
    var term = 1.0
    for k in 1..<40 {
      term *= (x / 2 / Double(k)) * (x / 2 / Double(k))
      sum += term
    }
    return sum
  }
}

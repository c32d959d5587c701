#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A filter of second order, as Robert Bristow-Johnson's “Cookbook formulae for audio EQ biquad filter coefficients” has
/// it, normalised so that a0 is 1.
public struct Biquad: Sendable, Equatable, BitwiseCopyable {
  /// Weights of the newest and the two earlier inputs.
  public let b0, b1, b2: Float
  /// Weights of the two earlier outputs.
  public let a1, a2: Float

  /// A filter that changes nothing.
  public static let identity = Biquad(1, 0, 0, 1, 0, 0)

  private init(_ b0: Double, _ b1: Double, _ b2: Double, _ a0: Double, _ a1: Double, _ a2: Double) {
    self.b0 = Float(b0 / a0)
    self.b1 = Float(b1 / a0)
    self.b2 = Float(b2 / a0)
    self.a1 = Float(a1 / a0)
    self.a2 = Float(a2 / a0)
  }

  /// The filter of `band` at 48 kHz.
  public init(_ band: EqualiserBand) {
    let omega = 2 * Double.pi * band.frequency / Double(AudioBlock.sampleRate)
    let (cosine, alpha) = (cos(omega), sin(omega) / (2 * band.quality))
    let a = pow(10, band.gain / 40)
    switch band.kind {
    case .peaking:
      self.init(1 + alpha * a, -2 * cosine, 1 - alpha * a, 1 + alpha / a, -2 * cosine, 1 - alpha / a)
    case .highPass:
      self.init((1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha)
    case .lowPass:
      self.init((1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha)
    case .lowShelf:
      let root = 2 * a.squareRoot() * alpha
      self.init(
        a * (a + 1 - (a - 1) * cosine + root), 2 * a * (a - 1 - (a + 1) * cosine),
        a * (a + 1 - (a - 1) * cosine - root), a + 1 + (a - 1) * cosine + root, -2 * (a - 1 + (a + 1) * cosine),
        a + 1 + (a - 1) * cosine - root)
    case .highShelf:
      let root = 2 * a.squareRoot() * alpha
      self.init(
        a * (a + 1 + (a - 1) * cosine + root), -2 * a * (a - 1 + (a + 1) * cosine),
        a * (a + 1 + (a - 1) * cosine - root), a + 1 - (a - 1) * cosine + root, 2 * (a - 1 - (a + 1) * cosine),
        a + 1 - (a - 1) * cosine - root)
    }
  }

  /// The filter's gain at `frequency` in Hz, in decibels.
  public func gain(at frequency: Double) -> Double {
    let omega = 2 * Double.pi * frequency / Double(AudioBlock.sampleRate)
    func power(_ c0: Float, _ c1: Float, _ c2: Float) -> Double {
      let real = Double(c0) + Double(c1) * cos(omega) + Double(c2) * cos(2 * omega)
      let imaginary = Double(c1) * sin(omega) + Double(c2) * sin(2 * omega)
      return real * real + imaginary * imaginary
    }
    return 10 * log10(max(power(b0, b1, b2), 1e-30) / power(1, a1, a2))
  }
}

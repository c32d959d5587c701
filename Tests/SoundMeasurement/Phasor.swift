#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A point that runs round a circle: a cosine and a sine from sample to sample without computing either.
public struct Phasor {
  /// The cosine of its angle.
  public private(set) var real: Double
  /// The sine of its angle.
  public private(set) var imaginary: Double

  /// The point at `angle`, in radians.
  public init(angle: Double) {
    real = cos(angle)
    imaginary = sin(angle)
  }

  /// Turns it by the angle of `step`.
  public mutating func rotate(by step: Phasor) {
    let next = real * step.real - imaginary * step.imaginary
    imaginary = real * step.imaginary + imaginary * step.real
    real = next
  }
}

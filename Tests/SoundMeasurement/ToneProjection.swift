#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The least-squares fit of a tone, a sum of a cosine and a sine of known angles, to samples.
public struct ToneProjection {
  private var cosines = 0.0
  private var sines = 0.0
  private var product = 0.0
  private var byCosine = 0.0
  private var bySine = 0.0

  /// The fit to nothing yet.
  public init() {}

  /// Adds a sample where the tone's angle is that of `phasor`.
  public mutating func add(_ sample: Float, at phasor: Phasor) {
    cosines += phasor.real * phasor.real
    sines += phasor.imaginary * phasor.imaginary
    product += phasor.real * phasor.imaginary
    byCosine += Double(sample) * phasor.real
    bySine += Double(sample) * phasor.imaginary
  }

  /// How much of the cosine and of the sine the tone has.
  public var coefficients: (cosine: Double, sine: Double) {
    let determinant = cosines * sines - product * product
    return (
      (byCosine * sines - bySine * product) / determinant, (bySine * cosines - byCosine * product) / determinant
    )
  }
}

/// What a tone leaves of samples.
public struct ToneResidual {
  private let coefficients: (cosine: Double, sine: Double)
  private var signal = 0.0
  private var noise = 0.0
  /// The largest difference between a sample and the tone.
  public private(set) var largest = 0.0

  /// Nothing left yet of what `projection` was fitted to.
  public init(_ projection: ToneProjection) {
    coefficients = projection.coefficients
  }

  /// Takes the tone from a sample.
  public mutating func add(_ sample: Float, at phasor: Phasor) {
    let tone = coefficients.cosine * phasor.real + coefficients.sine * phasor.imaginary
    let error = Double(sample) - tone
    signal += tone * tone
    noise += error * error
    largest = max(largest, abs(error))
  }

  /// The tone's power against that of all the rest, in dB.
  public var toneToNoise: Double { 10 * log10(signal / max(noise, 1e-30)) }
}

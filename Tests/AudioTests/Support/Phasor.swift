#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A point that runs round a circle.
struct Phasor {
  var real: Double
  var imaginary: Double

  init(real: Double, imaginary: Double) {
    self.real = real
    self.imaginary = imaginary
  }

  init(angle: Double) {
    real = cos(angle)
    imaginary = sin(angle)
  }

  mutating func rotate(by step: Phasor) {
    let next = real * step.real - imaginary * step.imaginary
    imaginary = real * step.imaginary + imaginary * step.real
    real = next
  }

  static func decibels(power: Double) -> Double { 10 * log10(power) }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Realtime

/// Sounds for tests, at 48 kHz.
enum TestSignal {
  static func tone(_ frequency: Double, amplitude: Float = 0.5, count: Int, from first: Int = 0) -> [Float] {
    (0..<count).map { Float(sin(2 * .pi * frequency * Double(first + $0) / 48_000)) * amplitude }
  }

  static func noise(amplitude: Float, count: Int, seed: UInt64) -> [Float] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in Float.random(in: -amplitude...amplitude, using: &random) }
  }
}

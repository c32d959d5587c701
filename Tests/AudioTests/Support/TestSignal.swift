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

  /// A voice-like buzz: a gliding pitch with overtones up to 3 kHz, four syllables a second.
  static func babble(count: Int, amplitude: Float = 0.3) -> [Float] {
    var phase = 0.0
    return (0..<count).map { index in
      let time = Double(index) / 48_000
      let pitch = 130 + 40 * sin(2 * .pi * 0.7 * time)
      phase += 2 * .pi * pitch / 48_000
      var sum = 0.0
      for overtone in 1...20 { sum += sin(phase * Double(overtone)) / Double(overtone) }
      let envelope = 0.5 - 0.5 * cos(2 * .pi * 4 * time)
      return Float(sum * envelope) * amplitude * 0.5
    }
  }
}

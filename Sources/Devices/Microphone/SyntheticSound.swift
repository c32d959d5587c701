import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A sound that is a function of time alone, at 48 kHz.
public enum SyntheticSound: Hashable, Sendable {
  /// Nothing.
  case silence
  /// A sine of a frequency in Hz at a level in dBFS (0: ±1).
  case tone(frequency: Double, level: Double)
  /// A beep of 1 kHz in the first tenth of each second, with the flash of `SyntheticScene`.
  case beep
  /// Syllables and pauses like those of a voice, without words; `voice` chooses the pitch (0: deep).
  case speech(voice: Int)
  /// `speech` with `beep`.
  case speechAndBeep(voice: Int)

  /// The value of sample `index` since the beginning, within ±1.
  public func sample(_ index: Int64) -> Float {
    let time = Double(index) / Double(AudioBlock.sampleRate)
    switch self {
    case .silence: return 0
    case .tone(let frequency, let level):
      return Float(sin(2 * Double.pi * Self.cycles(frequency, time)) * pow(10, min(level, 0) / 20))
    case .beep: return Self.beep(time)
    case .speech(let voice): return Self.speech(time, voice)
    case .speechAndBeep(let voice): return Self.speech(time, voice) * 0.7 + Self.beep(time) * 0.7
    }
  }

  /// The fraction of a cycle reached, kept small so that precision lasts for days.
  private static func cycles(_ frequency: Double, _ time: Double) -> Double {
    let cycles = frequency * time
    return cycles - cycles.rounded(.down)
  }

  private static func beep(_ time: Double) -> Float {
    let phase = time - time.rounded(.down)
    guard time >= 0, phase < 0.1 else { return 0 }
    // Edges of 5 ms, so that there is no click.
    let edge = min(phase, 0.1 - phase) / 0.005
    return Float(0.5 * min(edge, 1) * sin(2 * Double.pi * cycles(1_000, time)))
  }

  /// Vowels by their first two formants in Hz.
  private static let vowels: InlineArray<5, (Double, Double)> = [
    (730, 1_090), (530, 1_840), (270, 2_290), (570, 840), (300, 870),
  ]

  private static func speech(_ time: Double, _ voice: Int) -> Float {
    guard time >= 0 else { return 0 }
    // Four syllables a second, phrases of 2.5 s with pauses of 0.75 s.
    let phrase = time / 3.25
    let inPhrase = (phrase - phrase.rounded(.down)) * 3.25
    guard inPhrase < 2.5 else { return 0 }
    let syllable = Int(inPhrase * 4)
    let within = inPhrase * 4 - Double(syllable)
    let envelope = sin(Double.pi * min(within / 0.9, 1))
    let kind = (syllable * 7 + Int(phrase) * 3 + voice) % 5
    let formants = vowels[kind < 0 ? kind + 5 : kind]
    let pitch = 105 * pow(1.18, Double(((voice % 5) + 5) % 5))
    // The pitch swings by ±6 %; its integral is the phase.
    let swing = 0.06 * pitch / (2 * Double.pi * 0.7) * (1 - cos(2 * Double.pi * 0.7 * time))
    let phase = 2 * Double.pi * (cycles(pitch, time) + swing)
    // Harmonics by the recurrence of Chebyshev: two multiplications each in place of a sine.
    var (before, now) = (0.0, sin(phase))
    let twice = 2 * cos(phase)
    var sum = 0.0
    for harmonic in 1...24 {
      let frequency = pitch * Double(harmonic)
      let first = (frequency - formants.0) / 110
      let second = (frequency - formants.1) / 160
      sum += now * (1 / (1 + first * first) + 0.5 / (1 + second * second) + 0.02)
      (before, now) = (now, twice * now - before)
    }
    return Float(max(min(sum * envelope * envelope * 0.25, 0.9), -0.9))
  }
}

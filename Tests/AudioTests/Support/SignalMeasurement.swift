import SoundMeasurement

/// Measurements on sound at 48 kHz: pitch of a tone, clicks, noise.
enum SignalMeasurement {
  static let sampleRate = 48_000.0

  /// Magnitude of the Hann-windowed Fourier transform of `samples` at `frequency`, scaled to a tone's amplitude.
  static func magnitude(_ samples: ArraySlice<Float>, at frequency: Double) -> Double {
    let count = samples.count
    // Rotating phasors in place of a sine and a cosine per sample.
    let step = Phasor(angle: 2 * Double.pi * frequency / sampleRate)
    let windowStep = Phasor(angle: 2 * Double.pi / Double(count))
    var phase = Phasor(angle: 0)
    var window = Phasor(angle: 0)
    var sum = (real: 0.0, imaginary: 0.0)
    samples.withUnsafeBufferPointer { samples in
      for sample in samples {
        let value = Double(sample) * (0.5 - 0.5 * window.real)
        sum.real += value * phase.real
        sum.imaginary += value * phase.imaginary
        phase.rotate(by: step)
        window.rotate(by: windowStep)
      }
    }
    return (sum.real * sum.real + sum.imaginary * sum.imaginary).squareRoot() * 4 / Double(count)
  }

  /// Frequency in Hz of the strongest tone within `reach` Hz of `expected`.
  static func toneFrequency(_ samples: ArraySlice<Float>, near expected: Double, reach: Double = 20) -> Double {
    // A lobe of the window is four bins wide: steps of half a bin can't miss it.
    let bin = sampleRate / Double(samples.count)
    var best = (frequency: expected, magnitude: -1.0)
    var frequency = expected - reach
    while frequency <= expected + reach {
      let value = magnitude(samples, at: frequency)
      if value > best.magnitude { best = (frequency, value) }
      frequency += bin / 2
    }
    var low = best.frequency - bin / 2
    var high = best.frequency + bin / 2
    for _ in 0..<16 {
      let third = (high - low) / 3
      if magnitude(samples, at: low + third) < magnitude(samples, at: high - third) {
        low += third
      } else {
        high -= third
      }
    }
    return (low + high) / 2
  }

  /// Positions of clicks: where the second difference stands out from what the sound around it (60 ms) has. `threshold`
  /// is the ratio to the surroundings' root mean square; a steady tone reaches 1.4.
  static func clicks(_ samples: ArraySlice<Float>, threshold: Float = 10, floor: Float = 0.002) -> [Int] {
    let base = samples.startIndex
    let count = samples.count
    guard count > 4_000 else { return [] }
    var bend = [Float](repeating: 0, count: count)
    samples.withUnsafeBufferPointer { samples in
      for index in 1..<count - 1 { bend[index] = samples[index + 1] - 2 * samples[index] + samples[index - 1] }
    }
    var sums = [Double](repeating: 0, count: count + 1)
    for index in 0..<count { sums[index + 1] = sums[index] + Double(bend[index] * bend[index]) }
    var found: [Int] = []
    for index in 1..<count - 1 where abs(bend[index]) > floor {
      // The 2 ms around the place itself are left out, so that a click doesn't hide itself.
      let outer = (max(0, index - 1_440), min(count, index + 1_440))
      let inner = (max(0, index - 48), min(count, index + 48))
      let energy = sums[outer.1] - sums[outer.0] - (sums[inner.1] - sums[inner.0])
      let length = outer.1 - outer.0 - (inner.1 - inner.0)
      let surroundings = Float((max(0, energy) / Double(length)).squareRoot())
      if abs(bend[index]) > threshold * max(surroundings, floor / threshold),
        base + index - (found.last ?? -1_000_000) > 96
      {
        found.append(base + index)
      }
    }
    return found
  }

  /// The largest magnitude; infinite if a sample isn't a number.
  static func peak(_ samples: ArraySlice<Float>) -> Float {
    samples.reduce(0) { $1.isNaN ? .infinity : max($0, abs($1)) }
  }

  /// Root mean square.
  static func level(_ samples: ArraySlice<Float>) -> Double {
    (samples.reduce(0) { $0 + Double($1 * $1) } / Double(max(1, samples.count))).squareRoot()
  }

  /// Signal-to-noise ratio in dB of a tone of `frequency`: the tone's power against all the rest.
  static func toneToNoise(_ samples: ArraySlice<Float>, frequency: Double) -> Double {
    let step = Phasor(angle: 2 * Double.pi * frequency / sampleRate)
    var projection = ToneProjection()
    var phase = Phasor(angle: 0)
    for sample in samples {
      projection.add(sample, at: phase)
      phase.rotate(by: step)
    }
    var residual = ToneResidual(projection)
    phase = Phasor(angle: 0)
    for sample in samples {
      residual.add(sample, at: phase)
      phase.rotate(by: step)
    }
    return residual.toneToNoise
  }
}

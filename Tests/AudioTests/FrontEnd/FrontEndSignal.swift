@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Seeded signals for the front end's tests.
struct FrontEndSignal {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  }

  /// Uniform between -1 and 1.
  mutating func uniform() -> Float {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Float(state >> 40) / Float(1 << 23) - 1
  }

  /// White noise of `count` samples with the given peak.
  mutating func noise(_ count: Int, peak: Float) -> [Float] {
    (0..<count).map { _ in peak * uniform() }
  }

  /// Noise that comes and goes as syllables do, four a second, and is coloured as speech is.
  mutating func babble(_ count: Int, peak: Float) -> [Float] {
    var low: Float = 0
    let phase = 3 * uniform()
    return (0..<count).map { index in
      low += 0.2 * (uniform() - low)
      let envelope = max(0, sinf(2 * .pi * 2.1 * Float(index) / 48_000 + phase))
      return peak * 3 * low * envelope
    }
  }

  /// An exponentially decaying impulse response: 60 dB in `reverberation` seconds.
  mutating func response(_ count: Int, reverberation: Float, gain: Float) -> [Float] {
    (0..<count).map { index in
      gain * uniform() * powf(10, -3 * Float(index) / 48_000 / reverberation)
    }
  }

  /// The power of `samples`, in decibels.
  static func level(_ samples: some Sequence<Float>) -> Float {
    var sum = 0.0
    var count = 0.0
    for sample in samples {
      sum += Double(sample) * Double(sample)
      count += 1
    }
    return Float(10 * log10(sum / max(count, 1) + 1e-20))
  }

  /// `signal` through `response`, by blocks of the transform under `FourierTransformTests`.
  static func convolve(_ signal: [Float], _ response: [Float], delay: Int = 0) -> [Float] {
    var size = 1
    while size < signal.count + response.count { size *= 2 }
    let transform = FourierTransform(size: size)
    let time = Buffer(Lanes.zero, count: size)
    let spectrum = Buffer(ComplexLanes.zero, count: transform.binCount)
    for index in signal.indices { time[index][0] = signal[index] }
    for index in response.indices { time[index][1] = response[index] }
    transform.forward(time.start, into: spectrum.start)
    for bin in 0..<transform.binCount { spectrum[bin][0] = spectrum[bin][0] * spectrum[bin][1] }
    transform.inverse(spectrum.start, into: time.start)
    return signal.indices.map { $0 < delay ? 0 : time[$0 - delay][0] }
  }
}

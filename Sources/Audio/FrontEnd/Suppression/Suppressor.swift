#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The gain per bin that lets near-end speech through and brings down noise, late reverberation and what is left of the
/// echo: a log-spectral amplitude estimator with decision-directed speech-to-disturbance ratio (Ephraim and Malah 1985).
final class Suppressor {
  /// How far noise is brought down at most while somebody speaks, 22 dB: what stays has its colour and is the comfort
  /// noise.
  private static let noiseFloor: Float = 0.08
  /// The same while nobody does, 28 dB.
  private static let pauseFloor: Float = 0.04
  /// How much of the last frame's estimate is in the speech-to-disturbance ratio. Less than usual, because the frames
  /// are short and words must not lose their beginning; the limit below keeps musical noise away.
  private static let smoothing: Float = 0.9
  private static let leastPrior: Float = 0.003
  /// While nobody in the room speaks, the echo is taken to be up to so many times more than estimated.
  private static let caution: Float = 3
  /// Presences at which bins that are mostly echo begin to open, and are open.
  private static let opening: ClosedRange<Float> = 0.1...0.35

  /// Mean speech-to-disturbance ratios of a neighbourhood that is noise, and of one that is speech.
  private static let lonePrior: ClosedRange<Float> = 0.06...0.3

  let nearEnd = NearEndDetector()
  /// How likely each bin is the near talker's, 0 to 1.
  let presence: Buffer<Float>
  private let noise = NoiseEstimator()
  private let noisePower: Buffer<Float>
  private let reverberation = LateReverberation()
  private let previousSpeech: Buffer<Float>
  private let observed: Buffer<Float>
  private let dry: Buffer<Float>
  private let gains: Buffer<Float>
  private let priors: Buffer<Float>

  init() {
    noisePower = noise.power
    presence = Buffer(0, count: SpectralFrame.binCount)
    previousSpeech = Buffer(0, count: SpectralFrame.binCount)
    observed = Buffer(0, count: SpectralFrame.binCount)
    dry = Buffer(0, count: SpectralFrame.binCount)
    gains = Buffer(0, count: SpectralFrame.binCount)
    priors = Buffer(0, count: SpectralFrame.binCount)
  }

  /// Applies the gain to `spectrum`; `echo` is the power of echo expected in it, `echoShare` how much of it follows the
  /// echo's pattern, `likeness` how much of it comes from the echo's place, `lingering` the power that the echo had before
  /// the canceller.
  func process(
    _ spectrum: Buffer<Complex>, echo: Buffer<Float>, echoShare: Float, likeness: Float?, lingering: Float
  ) {
    for bin in 0..<SpectralFrame.binCount { observed[bin] = spectrum[bin].power }
    noise.process(observed.start, echo: echo.start)
    nearEnd.process(
      observed, noise: noisePower, echo: echo, echoShare: echoShare, likeness: likeness, lingering: lingering)
    for bin in 0..<SpectralFrame.binCount { dry[bin] = max(0, observed[bin] - noise.power[bin] - echo[bin]) }
    reverberation.process(dry.start)
    let absence = 1 - nearEnd.presence
    let echoFactor = 1 + Self.caution * absence * absence
    let range = Self.opening
    let open = min(1, max(0, (nearEnd.presence - range.lowerBound) / (range.upperBound - range.lowerBound)))
    for bin in 0..<SpectralFrame.binCount {
      estimate(bin, disturbance: noise.power[bin] + echoFactor * echo[bin] + reverberation.power[bin])
    }
    let floor = Self.pauseFloor + (Self.noiseFloor - Self.pauseFloor) * nearEnd.presence
    for bin in 0..<SpectralFrame.binCount {
      let gain = gains[bin] * (open + (1 - open) * neighbourhood(bin))
      let closed = (1 - open) * echo[bin] / (echo[bin] + noise.power[bin])
      // Never below the comfort noise, and no lower than it for what is noise alone.
      let comfort = floor * (noise.power[bin] / max(observed[bin], 1e-20)).squareRoot()
      spectrum[bin] = spectrum[bin] * min(1, max(gain * (1 - closed), comfort))
    }
  }

  private func estimate(_ bin: Int, disturbance: Float) {
    let posterior = observed[bin] / disturbance
    let instant = max(posterior - 1, 0)
    let kept = Self.smoothing * previousSpeech[bin] / disturbance
    let prior = max(kept + (1 - Self.smoothing) * instant, Self.leastPrior)
    let gain = Self.logSpectralGain(prior: prior, posterior: posterior)
    gains[bin] = gain
    priors[bin] = prior
    presence[bin] = prior / (1 + prior)
    previousSpeech[bin] = gain * gain * observed[bin]
  }

  /// Speech fills neighbouring bins; what stands out alone is chance, and would be heard as musical noise. While there is
  /// speech it masks that, and loses its faint parts to a rule like this one: it is for pauses.
  private func neighbourhood(_ bin: Int) -> Float {
    let bins = max(bin - 2, 0)...min(bin + 2, SpectralFrame.binCount - 1)
    var sum: Float = 0
    for neighbour in bins { sum += priors[neighbour] }
    let mean = sum / Float(bins.count)
    let range = Self.lonePrior
    return max(Self.noiseFloor, min(1, (mean - range.lowerBound) / (range.upperBound - range.lowerBound)))
  }

  /// The gain of the log-spectral amplitude estimator, with the exponential integral by rational approximation.
  private static func logSpectralGain(prior: Float, posterior: Float) -> Float {
    let wiener = prior / (1 + prior)
    let v = min(max(wiener * posterior, 1e-4), 50)
    return min(1, wiener * expf(0.5 * exponentialIntegral(v)))
  }

  /// E1 (Abramowitz and Stegun 5.1.53 and 5.1.54).
  private static func exponentialIntegral(_ x: Float) -> Float {
    if x < 1 {
      let series = 0.999_992 + x * (-0.249_911 + x * (0.055_200 - 0.009_760 * x))
      return -logf(x) - 0.577_216 + x * series
    }
    return expf(-x) / x * ((x * x + 2.334_733 * x + 0.250_621) / (x * x + 3.330_657 * x + 1.681_534))
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Follows the power of what is always there, under speech, too: the unbiased minimum mean-square error estimate with a
/// soft decision on speech (Gerkmann and Hendriks 2012).
final class NoiseEstimator {
  /// The speech-to-noise ratio that decides between speech and noise, 15 dB.
  private static let priorRatio: Float = 31.6
  private static let smoothing: Float = 0.9

  /// The noise's power per bin.
  let power: Buffer<Float>
  private let presence: Buffer<Float>
  private var frames = 0

  init() {
    power = Buffer(1e-8, count: SpectralFrame.binCount)
    presence = Buffer(0.5, count: SpectralFrame.binCount)
  }

  /// Takes the power of one frame; `echo` is how much of it is expected to be echo.
  func process(_ observed: UnsafePointer<Float>, echo: UnsafePointer<Float>) {
    frames += 1
    let learning = frames < 12
    for bin in 0..<SpectralFrame.binCount {
      let noise = power[bin]
      if learning {
        power[bin] += (observed[bin] - noise) / Float(frames)
        power[bin] = max(power[bin], 1e-10)
        continue
      }
      let ratio = min(observed[bin] / noise, 200)
      let likelihood = (1 + Self.priorRatio) * expf(-ratio * Self.priorRatio / (1 + Self.priorRatio))
      var speech = 1 / (1 + likelihood)
      presence[bin] += 0.1 * (speech - presence[bin])
      // After a long time of certain speech it was the noise that rose.
      if presence[bin] > 0.99 { speech = min(speech, 0.99) }
      var estimate = speech * noise + (1 - speech) * observed[bin]
      // What is echo is not noise.
      if echo[bin] > 0.5 * noise { estimate = min(estimate, noise) }
      power[bin] = max(Self.smoothing * noise + (1 - Self.smoothing) * estimate, 1e-10)
    }
  }
}

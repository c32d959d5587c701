/// What stands between the mix and the loudspeaker: its equaliser, and a limiter that keeps it from more than it can take.
/// What comes out is what the loudspeaker is sent, and therefore the echo canceller's reference.
final class LoudspeakerProcessor {
  private let equaliser: Equaliser
  private let ceiling: Float
  private let limiter = LookAheadLimiter()

  /// By how many samples the sound is later.
  static let latency = LookAheadLimiter.latency

  init(_ profile: LoudspeakerProfile) {
    equaliser = Equaliser(profile.bands)
    ceiling = AudioLevel.amplitude(decibels: Float(profile.ceiling))
  }

  /// The least volume that the block last processed needed; 1 when it fitted.
  var leastGain: Float { limiter.leastGain }

  /// Processes a mono block in place.
  func process(_ samples: UnsafeMutableBufferPointer<Float>) {
    equaliser.process(samples)
    guard ceiling < 1 else { return limiter.process(samples) }
    for index in samples.indices { samples[index] *= 1 / ceiling }
    limiter.process(samples)
    for index in samples.indices { samples[index] *= ceiling }
  }
}

/// Follows the difference between playback and capture clock that the devices' own compensation leaves: from the phase by
/// which the echo runs away from the canceller's estimate.
///
/// A control loop of second order; when it has settled, the filter stands still and can be as slow and deep as if there
/// were one clock.
final class DriftTracker {
  private static let bins = 9..<165
  /// Residual drift that is followed, ±400 ppm.
  private static let limit = 4e-4

  /// By how much of the lag, in samples, the drift is corrected per block: the loop settles within two seconds.
  private static let driftGain = 2e-6
  /// By how much of the lag the delay is corrected per block, which dampens the loop.
  private static let delayGain = 0.03

  /// By how much the echo's delay grows, samples per sample.
  private(set) var drift = 0.0

  /// Takes the canceller's error and echo estimate of the block just processed.
  /// - Returns: by how many samples the reference should be delayed further at once.
  func process(error: UnsafePointer<ComplexLanes>, echo: UnsafePointer<ComplexLanes>) -> Double {
    var numerator: Float = 0
    var denominator: Float = 0
    var power: Float = 0
    for bin in Self.bins {
      let (e, y) = (error[bin], echo[bin])
      let cross = (e.imaginary * y.real - e.real * y.imaginary).sum()
      let echoPower = y.power.sum() * 0.67
      // Bins full of other sound say little about the echo's phase.
      let weight = 1 / (e.power.sum() + 0.05 * echoPower + 1e-5)
      let omega = Float(bin) * (2 * .pi / Float(EchoCanceller.frameSize))
      numerator -= weight * omega * cross
      denominator += weight * omega * omega * echoPower
      power += echoPower
    }
    guard power > 1e-2 else { return 0 }
    let lag = Double(min(max(numerator / (denominator + 2), -2), 2))
    drift = min(max(drift + Self.driftGain * lag, -Self.limit), Self.limit)
    return Self.delayGain * lag
  }
}

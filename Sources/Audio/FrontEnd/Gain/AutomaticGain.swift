#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Brings talkers near and far to one level: a slow gain from the level of speech alone, so that neither pauses nor
/// noise nor echo move it.
final class AutomaticGain {
  /// Level of active speech that is aimed at, a little above -23 LUFS of the programme with its pauses.
  private static let target: Float = -22
  private static let range: ClosedRange<Float> = -12...15
  /// Decibels per block.
  private static let rise: Float = 0.04
  private static let fall: Float = 0.12

  private var speechPower: Float = 0
  private var heardBlocks: Float = 0
  /// The gain in decibels.
  private(set) var gain: Float = 0

  /// Applies the gain to one block.
  /// - Parameter nearEnd: how sure it is that the block holds near-end speech, 0 to 1.
  func process(_ samples: UnsafeMutableBufferPointer<Float>, nearEnd: Float) {
    var sum: Float = 0
    for sample in samples { sum += sample * sample }
    observe(power: sum / Float(max(samples.count, 1)), nearEnd: nearEnd)
    let before = powf(10, gain / 20)
    if heardBlocks > 15 {
      let missing = Self.target - 10 * log10f(speechPower + 1e-10)
      let wanted = min(max(missing, Self.range.lowerBound), Self.range.upperBound)
      gain += min(max(wanted - gain, -Self.fall), Self.rise)
    }
    let after = powf(10, gain / 20)
    for index in samples.indices {
      samples[index] *= before + (after - before) * Float(index) / Float(samples.count)
    }
  }

  private func observe(power: Float, nearEnd: Float) {
    // Only what stands out from the talker's own pauses counts, or slow talkers would come out too loud.
    guard nearEnd > 0.6, power > 1e-7, power > 0.03 * speechPower else { return }
    heardBlocks += 1
    speechPower += max(0.008, 1 / heardBlocks) * (power - speechPower)
  }
}

/// Faint noise as loud as the sender's room, for the time in which nothing comes: dead silence sounds like a cut line.
struct ComfortNoise {
  /// Never louder than -55 dBFS: what is learnt from a stream that never pauses is not background.
  private static let loudest: Float = 0.0018

  private var learnt: Float = 0
  private var level: Float = 0
  private var state: UInt32 = 0x2545_F491
  private var low: Float = 0

  /// Learns from decoded sound: the level follows the quietest parts down quickly and rises slowly (2 dB/s).
  mutating func learn(from samples: UnsafeBufferPointer<Float>) {
    var sum: Float = 0
    for sample in samples { sum += sample * sample }
    guard samples.count > 0, sum.isFinite else { return }
    let rootMeanSquare = (sum / Float(samples.count)).squareRoot()
    if rootMeanSquare < learnt {
      learnt += 0.3 * (rootMeanSquare - learnt)
    } else {
      learnt = min(rootMeanSquare, max(1e-6, learnt * (1 + 0.005 * Float(samples.count) / 960)))
    }
    learnt = min(Self.loudest, learnt)
  }

  /// The next sample. The level moves slowly towards what was learnt, or to zero when `isFading`.
  mutating func next(isFading: Bool) -> Float {
    level += (isFading ? 0 - level : learnt - level) * 0.0004
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    let white = Float(Int32(bitPattern: state)) * (1 / 2_147_483_648)
    // A first-order low pass makes the noise a room's rather than a radio's; 3.3 restores the power it takes.
    low += 0.25 * (white - low)
    return low * level * 3.3
  }
}

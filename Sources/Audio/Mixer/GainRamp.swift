/// A volume that moves to its target over one block, so that no change of it clicks.
public struct GainRamp: Sendable {
  private var current: Float

  /// The volume to go to, as a factor; 1 leaves the sound untouched.
  public var target: Float

  /// A volume that starts at `start` and goes to `target`.
  public init(from start: Float, to target: Float) {
    current = start
    self.target = target
  }

  /// Whether it stands at zero for good: what it is applied to isn't heard.
  public var isSilent: Bool { current == 0 && target == 0 }

  /// Adds `samples` times the volume to `sum`, of the same count.
  public mutating func add(_ samples: UnsafeMutableBufferPointer<Float>, to sum: UnsafeMutableBufferPointer<Float>) {
    let count = min(samples.count, sum.count)
    guard current != target else {
      if current != 0 { for index in 0..<count { sum[index] += current * samples[index] } }
      return
    }
    let step = (target - current) / Float(max(1, count))
    for index in 0..<count { sum[index] += (current + step * Float(index)) * samples[index] }
    current = target
  }

  /// Multiplies `samples` by the volume.
  public mutating func apply(to samples: UnsafeMutableBufferPointer<Float>) {
    guard current != target || current != 1 else { return }
    let step = (target - current) / Float(max(1, samples.count))
    for index in 0..<samples.count { samples[index] *= current + step * Float(index) }
    current = target
  }
}

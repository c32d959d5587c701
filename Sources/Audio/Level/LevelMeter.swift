/// Measures how loud sound is: root mean square and peak over the samples since the last reset.
public struct LevelMeter: Sendable {
  private var sumOfSquares = 0.0
  private var sampleCount = 0

  /// The largest magnitude, 1 being full scale.
  public private(set) var peak: Float = 0

  /// A meter that has heard nothing.
  public init() {}

  /// Adds samples.
  public mutating func add(_ samples: UnsafeBufferPointer<Float>) {
    var sum: Float = 0
    var highest = peak
    for sample in samples {
      sum += sample * sample
      highest = max(highest, abs(sample))
    }
    sumOfSquares += Double(sum)
    peak = highest
    sampleCount += samples.count
  }

  /// The root mean square, 1 being that of a full-scale square wave; 0 when nothing was added.
  public var rootMeanSquare: Float {
    sampleCount == 0 ? 0 : Float((sumOfSquares / Double(sampleCount)).squareRoot())
  }

  /// The level as RFC 6464 transmits it: 0 (overload) to 127 (silence), in -dBov.
  public var audioLevel: UInt8 { AudioLevel.code(rootMeanSquare: rootMeanSquare) }

  /// Forgets all samples.
  public mutating func reset() { self = LevelMeter() }
}

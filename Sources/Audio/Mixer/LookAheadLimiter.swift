/// Keeps sound within ±1 without distorting it: it looks 2 ms ahead, and turns the volume down smoothly before a peak
/// comes and slowly up again after it. What stays within ±1 passes bit by bit as it was, 2 ms later.
public final class LookAheadLimiter {
  /// Delay in samples: 2 ms. Longer would only be heard as delay: the voice is limited for syllables, not for its periods.
  public static let latency = 96
  /// Per sample; a time constant of 80 ms.
  private static let release: Float = 1 / 3_840

  private static let ringSize = 512
  private let delayed: UnsafeMutablePointer<Float>
  private let gains: UnsafeMutablePointer<Float>
  /// The candidates for the least gain within the look-ahead, rising, oldest first.
  private let candidateGains: UnsafeMutablePointer<Float>
  private let candidatePositions: UnsafeMutablePointer<Int>
  private var firstCandidate = 0
  private var endCandidate = 0
  private var position = 0
  private var held: Float = 1
  private var sum = Double(latency)
  /// Samples since the volume was last turned down.
  private var sinceReduction = latency + 1

  /// The least volume of the block last processed; 1 when nothing was limited.
  public private(set) var leastGain: Float = 1

  /// A limiter that has heard silence.
  public init() {
    delayed = .allocate(capacity: Self.ringSize)
    delayed.initialize(repeating: 0, count: Self.ringSize)
    gains = .allocate(capacity: Self.ringSize)
    gains.initialize(repeating: 1, count: Self.ringSize)
    candidateGains = .allocate(capacity: Self.ringSize)
    candidateGains.initialize(repeating: 1, count: Self.ringSize)
    candidatePositions = .allocate(capacity: Self.ringSize)
    candidatePositions.initialize(repeating: 0, count: Self.ringSize)
  }

  deinit {
    delayed.deallocate()
    gains.deallocate()
    candidateGains.deallocate()
    candidatePositions.deallocate()
  }

  /// Limits `samples` in place; what comes out is `latency` samples older than what goes in. What isn't a number becomes
  /// silence.
  public func process(_ samples: UnsafeMutableBufferPointer<Float>) {
    leastGain = 1
    for index in 0..<samples.count {
      let sample = samples[index]
      samples[index] = process(sample.isFinite ? sample : 0)
    }
  }

  private func process(_ sample: Float) -> Float {
    let mask = Self.ringSize - 1
    let magnitude = abs(sample)
    let least = leastGainAhead(adding: magnitude > 1 ? 1 / magnitude : 1)
    // Down at once, up slowly; the mean over the look-ahead below makes the way down smooth. It has reached the peak's
    // gain when the peak comes out, because by then every gain in it was bounded by the peak's.
    held = least < held ? least : held + (least - held) * Self.release
    // The last hundredth of a decibel at once: near 1 the steps would vanish in rounding.
    if held > 0.999, least == 1 { held = 1 }
    sinceReduction = held < 1 ? 0 : sinceReduction + 1
    sum += Double(held) - Double(gains[(position - Self.latency) & mask])
    gains[position & mask] = held
    delayed[position & mask] = sample
    let output = delayed[(position - Self.latency) & mask]
    position &+= 1
    if sinceReduction > Self.latency {
      sum = Double(Self.latency)
      return output
    }
    let gain = Float(sum / Double(Self.latency))
    leastGain = min(leastGain, gain)
    return max(-1, min(1, output * gain))
  }

  /// The least of the gains of this sample and those within the look-ahead.
  private func leastGainAhead(adding gain: Float) -> Float {
    let mask = Self.ringSize - 1
    while endCandidate > firstCandidate, candidateGains[(endCandidate - 1) & mask] >= gain { endCandidate -= 1 }
    candidateGains[endCandidate & mask] = gain
    candidatePositions[endCandidate & mask] = position
    endCandidate += 1
    while candidatePositions[firstCandidate & mask] < position - Self.latency { firstCandidate += 1 }
    return candidateGains[firstCandidate & mask]
  }
}

/// Watches each microphone for being lost, stuck or overloaded.
///
/// The microphones of an array hear nearly the same. One that hears nothing while others do, whose level is far from
/// theirs for seconds, or whose value stands still, is faulty; it isn't used until it has been well for a while.
final class MicrophoneHealth {
  /// Below this power, -95 dBFS, a microphone is silent: the converter's own noise is louder.
  private static let silence: Float = 3e-10
  /// By what factor a microphone's power may differ from the median's: 18 dB.
  private static let mismatch: Float = 63
  /// How fast levels are followed, per block.
  private static let rate: Float = 0.02
  /// Blocks for which something must be wrong, or right again.
  private static let patience = 100
  /// What counts as full scale.
  private static let fullScale: Float = 0.998
  /// The share of samples at full scale from which on a microphone is overloaded.
  private static let overloadedShare: Float = 1e-3

  private let count: Int
  private let power: Buffer<Float>
  private let clipped: Buffer<Float>
  private let ages: Buffer<Int>
  private let faults: Buffer<Bool>
  private let sorted: Buffer<Float>
  /// How many microphones are faulty.
  private(set) var faultyCount = 0

  init(microphoneCount: Int) {
    count = microphoneCount
    power = Buffer(0, count: microphoneCount)
    clipped = Buffer(0, count: microphoneCount)
    ages = Buffer(0, count: microphoneCount)
    faults = Buffer(false, count: microphoneCount)
    sorted = Buffer(0, count: microphoneCount)
  }

  /// Whether `microphone` is lost or stuck.
  func isFaulty(_ microphone: Int) -> Bool { faults[microphone] }

  /// Whether `microphone` was overloaded within the last second or so.
  func isOverloaded(_ microphone: Int) -> Bool { clipped[microphone] > Self.overloadedShare }

  /// The first microphone that isn't faulty; the very first if all are.
  var firstHealthy: Int { (0..<count).first { !faults[$0] } ?? 0 }

  /// Takes one block per group of microphones.
  func process(_ blocks: GroupedBuffer<Lanes>) {
    for microphone in 0..<count { measure(microphone, blocks[Lanes.group(of: microphone)]) }
    let median = medianPower()
    faultyCount = 0
    for microphone in 0..<count {
      judge(microphone, median: median)
      if faults[microphone] { faultyCount += 1 }
    }
  }

  private func measure(_ microphone: Int, _ block: UnsafePointer<Lanes>) {
    let lane = Lanes.lane(of: microphone)
    var (sum, squares, full): (Float, Float, Float) = (0, 0, 0)
    // Counted from the first sample, so that a great constant doesn't drown in rounding what little else there is.
    let origin = block[0][lane]
    for sample in 0..<AudioBlock.sampleCount {
      let value = block[sample][lane]
      sum += value - origin
      squares += (value - origin) * (value - origin)
      if abs(value) >= Self.fullScale { full += 1 }
    }
    // A microphone that is stuck has a constant, which isn't sound.
    let mean = sum / Float(AudioBlock.sampleCount)
    let variance = max(0, squares / Float(AudioBlock.sampleCount) - mean * mean)
    power[microphone] += Self.rate * (variance - power[microphone])
    clipped[microphone] += Self.rate * (full / Float(AudioBlock.sampleCount) - clipped[microphone])
  }

  private func medianPower() -> Float {
    for microphone in 0..<count {
      // Insertion into the part that is sorted already.
      var place = microphone
      while place > 0, sorted[place - 1] > power[microphone] {
        sorted[place] = sorted[place - 1]
        place -= 1
      }
      sorted[place] = power[microphone]
    }
    // The upper one of two: if one of a pair hears nothing, the other is the measure.
    return sorted[count / 2]
  }

  private func judge(_ microphone: Int, median: Float) {
    // When all are silent, the array is muted, and there is nothing to compare with.
    guard count > 1, median > 10 * Self.silence else { return }
    let own = power[microphone]
    // Of two that differ, nobody knows which is right unless one is silent.
    let differs = count > 2 && (own * Self.mismatch < median || own > Self.mismatch * median)
    let isWrong = own < Self.silence || differs
    if isWrong == faults[microphone] {
      ages[microphone] = 0
    } else {
      ages[microphone] += 1
      if ages[microphone] > Self.patience {
        faults[microphone] = isWrong
        ages[microphone] = 0
      }
    }
  }
}

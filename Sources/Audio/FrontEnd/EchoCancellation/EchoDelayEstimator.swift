/// Finds how long the loudspeaker's signal takes to come back, up to 520 ms: a coarse adaptive filter over all delays, in
/// steps of a block, on the bins where speech is and from one microphone.
final class EchoDelayEstimator {
  private static let bins = 18..<122
  /// Delays looked at, in blocks.
  static let delayCount = 56
  private static let step: Float = 0.35
  /// Blocks of sound before the first judgement: the very first ones fit any delay.
  private static let leastBlocks = 15
  /// How fast powers are followed, per block.
  static let rate: Float = 0.04
  /// The delay is changed when the coarse filter leaves less than this share of what the canceller leaves.
  private static let advantage: Float = 0.4
  /// For how many blocks of sound the canceller, which learns slower, isn't asked.
  private static let unaskedBlocks = 130
  /// For how many blocks of sound an estimate is a first one.
  private static let firstBlocks = 250

  private let coefficients: Buffer<Complex>
  private let history: Buffer<Complex>
  private let energy: Buffer<Float>
  private var newest = 0
  private var candidate = -1
  private var candidateAge = 0
  private var activeBlocks = 0

  private var heardPower: Float = 0
  private var missedPower: Float = 0
  private var blockHeard: Float = 0
  private var blockMissed: Float = 0

  /// How much of what is heard the coarse filter doesn't explain, as a share of the power of the last quarter second.
  var unexplained: Float { missedPower / (heardPower + 1e-12) }
  /// The same of the canceller that works with the delay last given: a delay that serves is kept, since in double talk the
  /// coarse filter can be quite wrong.
  var unexplainedByCanceller: Float = 1

  /// The earliest delay, in blocks, at which much of the echo arrives; nil until it is known.
  private(set) var delay: Int?
  /// Whether so little has been heard that the estimate is still becoming better.
  var isFirst: Bool { activeBlocks < Self.firstBlocks }
  /// Whether the loudspeaker plays something to measure with.
  private(set) var isActive = false

  init() {
    coefficients = Buffer(.zero, count: Self.bins.count * Self.delayCount)
    history = Buffer(.zero, count: Self.bins.count * Self.delayCount * 2)
    energy = Buffer(0, count: Self.delayCount)
  }

  /// Takes the spectra of the newest frame, windowed alike: lane `reference` what was played, lane `microphone` what
  /// was heard.
  func process(_ spectra: UnsafePointer<ComplexLanes>, reference: Int, microphone: Int) {
    newest = newest == 0 ? Self.delayCount - 1 : newest - 1
    var power: Float = 0
    var total: Float = 0
    (blockHeard, blockMissed) = (0, 0)
    for (index, bin) in Self.bins.enumerated() {
      let value = spectra[bin][reference]
      let row = index * Self.delayCount
      history[2 * row + newest] = value
      history[2 * row + newest + Self.delayCount] = value
      power += value.power
      total += adapt(row: row, heard: spectra[bin][microphone])
    }
    // Codec noise is not worth measuring with.
    isActive = power > 1e-2 && total > 0
    guard isActive else { return }
    heardPower += Self.rate * (blockHeard - heardPower)
    missedPower += Self.rate * (blockMissed - missedPower)
    activeBlocks += 1
    if activeBlocks >= Self.leastBlocks { judge() }
  }

  private func adapt(row: Int, heard: Complex) -> Float {
    let h = coefficients.start + row
    let x = history.start + 2 * row + newest
    var sum = Complex.zero
    var power: Float = 0
    for index in 0..<Self.delayCount {
      sum = sum + h[index] * x[index]
      power += x[index].power
    }
    let error = heard - sum
    blockHeard += heard.power
    blockMissed += error.power
    // The heard level bounds the step, so that a near talker does not shake the filter.
    let scale = Self.step / (power + 4 * error.power + 1e-6)
    let change = error * scale
    for index in 0..<Self.delayCount { h[index] = h[index] * 0.9995 + change * x[index].conjugate }
    return power
  }

  private func judge() {
    var greatest: Float = 0
    var sum: Float = 0
    for index in 0..<Self.delayCount {
      var value: Float = 0
      for row in 0..<Self.bins.count { value += coefficients[row * Self.delayCount + index].power }
      energy[index] = value
      sum += value
      greatest = max(greatest, value)
    }
    // A reverberant path is spread, but its beginning still stands well above the mean.
    guard greatest > 5 * sum / Float(Self.delayCount) else { return }
    var onset = 0
    while energy[onset] < 0.35 * greatest { onset += 1 }
    if abs(onset - candidate) <= 1 {
      candidateAge += 1
    } else {
      candidateAge = 0
    }
    candidate = onset
    guard delay != nil else {
      if candidateAge >= 4 { delay = onset }
      return
    }
    let isBetter = unexplained < Self.advantage * unexplainedByCanceller
    if candidateAge >= 12, isBetter || activeBlocks < Self.unaskedBlocks { delay = onset }
  }
}

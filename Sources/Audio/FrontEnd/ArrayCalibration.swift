/// How an array's channels differ from each other, as a measurement has found it.
public struct ArrayCalibration: Sendable, Hashable {
  /// One microphone.
  public struct Microphone: Sendable, Hashable {
    /// By how many decibels it is more sensitive than the others, -12 to 12.
    public var gain: Double
    /// By how many samples its channel is later than the others, -64 to 64.
    public var lag: Double

    /// A microphone; values beyond the limits are brought to them.
    public init(gain: Double, lag: Double) {
      self.gain = gain.isFinite ? min(12, max(-12, gain)) : 0
      self.lag = lag.isFinite ? min(64, max(-64, lag)) : 0
    }
  }

  /// The microphones in their order.
  public var microphones: [Microphone]

  /// A calibration.
  public init(microphones: [Microphone]) { self.microphones = microphones }
}

/// Makes an array's channels alike, by what is known of them. Allocates only when made.
final class MicrophoneAligner {
  private static let historyCount = 128

  private let factors: [Float]
  private let delays: [Int]
  /// By how many samples the sound is later than it was in the usual channel.
  let latency: Int
  private let history: UnsafeMutablePointer<Float>

  /// Nil when nothing needs to be done, or when `calibration` is of another number of microphones.
  init?(_ calibration: ArrayCalibration, channelCount: Int) {
    let microphones = calibration.microphones
    guard microphones.count == channelCount else { return nil }
    // To a sample: half of one is 3 mm of sound, as exact as microphones are mounted.
    let latest = microphones.map(\.lag).max() ?? 0
    delays = microphones.map { Int((latest - $0.lag).rounded()) }
    factors = microphones.map { AudioLevel.amplitude(decibels: Float(-$0.gain)) }
    latency = Int(max(latest, 0).rounded())
    guard delays.contains(where: { $0 > 0 }) || microphones.contains(where: { abs($0.gain) > 0.05 }) else { return nil }
    history = .allocate(capacity: channelCount * Self.historyCount)
    history.initialize(repeating: 0, count: channelCount * Self.historyCount)
  }

  deinit { history.deallocate() }

  /// Aligns a block in place.
  func process(_ block: AudioBlock) {
    for channel in 0..<min(block.channelCount, delays.count) {
      let samples = block.channel(channel)
      let factor = factors[channel]
      for index in samples.indices { samples[index] *= factor }
      if delays[channel] > 0 { delay(samples, by: delays[channel], history + channel * Self.historyCount) }
    }
  }

  private func delay(_ samples: UnsafeMutableBufferPointer<Float>, by delay: Int, _ kept: UnsafeMutablePointer<Float>) {
    guard let start = samples.baseAddress else { return }
    // The end of the block is put aside, the block moves back, and what was put aside before comes first.
    let spare = kept + Self.historyCount - delay
    withUnsafeTemporaryAllocation(of: Float.self, capacity: delay) { end in
      for index in 0..<delay { end[index] = start[samples.count - delay + index] }
      (start + delay).update(from: start, count: samples.count - delay)
      start.update(from: spare, count: delay)
      for index in 0..<delay { spare[index] = end[index] }
    }
  }
}

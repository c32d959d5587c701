/// Carries blocks from one clock to another: converts several channels by a ratio that needn't be a ratio of whole numbers
/// and may change from block to block.
///
/// A polyphase windowed sinc, interpolated between its phases. What is added to the sound stays 95 dB below it up to
/// 20 kHz (or 0.42 of the lower rate). Belongs to one thread at a time; allocates only when made.
public final class AsynchronousResampler {
  /// Taps of the filter in samples of the lower rate.
  private static let tapsPerPhase = 64
  private static let phaseCount = 512
  private static let beta = 10.06
  private typealias Vector = SIMD8<Float>

  /// Input samples per second.
  public let inputRate: Int
  /// Output samples per second.
  public let outputRate: Int
  /// Channels.
  public let channelCount: Int
  /// Most samples per channel that one block can become.
  public let capacity: Int

  private let taps: Int
  /// `phaseCount + 1` filters, each of `taps`.
  private let filters: UnsafeMutablePointer<Vector>
  /// The filter between two phases that one output sample needs.
  private let filter: UnsafeMutablePointer<Vector>
  private let history: UnsafeMutablePointer<Float>
  private let historyCapacity: Int
  private let output: UnsafeMutablePointer<Float>
  private var filled: Int
  /// Where in `history` the next output sample's filter begins, fraction included.
  private var position = 0.0
  /// Input samples that have left `history`.
  private var passed: Int64

  /// A converter of `channelCount` channels from `inputRate` to `outputRate` (each 8,000 to 192,000 Hz) and rates up to
  /// 0.2 % beside them; nil for others.
  public init?(channelCount: Int, inputRate: Int, outputRate: Int) {
    let rates = 8_000...192_000
    guard rates.contains(inputRate), rates.contains(outputRate), (1...64).contains(channelCount) else { return nil }
    self.channelCount = channelCount
    self.inputRate = inputRate
    self.outputRate = outputRate
    let stretch = max(1, Double(inputRate) / Double(outputRate))
    taps = (Int((Double(Self.tapsPerPhase) * stretch).rounded(.up)) + 7) / 8 * 8
    filters = .allocate(capacity: (Self.phaseCount + 1) * taps / 8)
    filter = .allocate(capacity: taps / 8)
    filter.initialize(repeating: .zero, count: taps / 8)
    historyCapacity = taps + 2 * AudioBlock.sampleCount
    history = .allocate(capacity: channelCount * historyCapacity)
    capacity = AudioBlock.sampleCount * outputRate / inputRate + AudioBlock.sampleCount / 100 + 8
    output = .allocate(capacity: channelCount * capacity)
    output.initialize(repeating: 0, count: channelCount * capacity)
    filled = 0
    passed = 0
    makeFilters(cutoff: 1 / stretch)
    reset()
  }

  deinit {
    filters.deallocate()
    filter.deallocate()
    history.deallocate()
    output.deallocate()
  }

  /// Forgets the sound so far; the next output sample is the next input sample.
  public func reset() {
    history.initialize(repeating: 0, count: channelCount * historyCapacity)
    // Half a filter of silence in front.
    filled = taps / 2 - 1
    passed = Int64(1 - taps / 2)
    position = 0
  }

  /// The next output sample's place among all input samples since the last reset, in samples of the input.
  public var inputPosition: Double { Double(passed) + position + Double(taps / 2 - 1) }

  /// The samples of `channel` that the last `convert` gave.
  public func samples(_ channel: Int) -> UnsafeMutablePointer<Float> {
    precondition(channel >= 0 && channel < channelCount, "no such channel")
    return output + channel * capacity
  }

  /// Takes `block` and gives what can be known of the sound so far.
  /// - Parameters:
  ///   - block: of `channelCount` channels.
  ///   - step: distance of two output samples in samples of the input; taken to be within 0.2 % of the rates' ratio.
  /// - Returns: how many samples per channel `samples` has.
  public func convert(_ block: AudioBlock, step: Double) -> Int {
    let nominal = Double(inputRate) / Double(outputRate)
    let step = step.isFinite ? min(max(step, nominal * 0.998), nominal * 1.002) : nominal
    append(block)
    var count = 0
    let end = Double(filled - taps) + 1
    while position < end, count < capacity {
      let whole = Int(position)
      interpolateFilter(position - Double(whole))
      for channel in 0..<channelCount {
        output[channel * capacity + count] = product(history + channel * historyCapacity + whole)
      }
      count += 1
      position += step
    }
    return count
  }

  private func append(_ block: AudioBlock) {
    let used = min(Int(position), filled)
    let rest = filled - used
    for channel in 0..<channelCount {
      let samples = history + channel * historyCapacity
      samples.update(from: samples + used, count: rest)
      guard let source = block.channel(min(channel, block.channelCount - 1)).baseAddress else { continue }
      (samples + rest).update(from: source, count: AudioBlock.sampleCount)
    }
    position -= Double(used)
    passed += Int64(used)
    filled = rest + AudioBlock.sampleCount
  }

  @inline(__always) private func interpolateFilter(_ fraction: Double) {
    let scaled = fraction * Double(Self.phaseCount)
    let phase = min(Int(scaled), Self.phaseCount - 1)
    let blend = Float(scaled - Double(phase))
    let low = filters + phase * (taps / 8)
    let high = low + taps / 8
    for index in 0..<taps / 8 { filter[index] = low[index] + blend * (high[index] - low[index]) }
  }

  @inline(__always) private func product(_ samples: UnsafeMutablePointer<Float>) -> Float {
    let source = UnsafeRawPointer(samples)
    var sum = Vector.zero
    for index in 0..<taps / 8 {
      sum += filter[index] * source.loadUnaligned(fromByteOffset: index * 32, as: Vector.self)
    }
    return sum.sum()
  }

  private func makeFilters(cutoff: Double) {
    let coefficients = UnsafeMutableRawPointer(filters).assumingMemoryBound(to: Float.self)
    for phase in 0...Self.phaseCount {
      let fraction = Double(phase) / Double(Self.phaseCount)
      let row = coefficients + phase * taps
      var sum = 0.0
      for tap in 0..<taps {
        let value = WindowedSinc.value(
          at: Double(tap - taps / 2 + 1) - fraction, cutoff: cutoff, half: Double(taps) / 2, beta: Self.beta)
        row[tap] = Float(value)
        sum += value
      }
      // Equal gain at rest for every phase, or a constant would come out as a tone.
      for tap in 0..<taps { row[tap] /= Float(sum) }
    }
  }
}

/// Converts one channel between two sample rates of a whole-number ratio, by a polyphase windowed sinc.
///
/// The pass band reaches 90 % of the lower rate's half, aliases and images are below -90 dB. Allocates only when made.
public final class Resampler {
  /// Taps of the shorter filter; a Kaiser window of beta 9.6 with so many has its transition within 10 % of the band.
  private static let tapsPerPhase = 128
  private static let beta = 9.6

  private let up: Int
  private let down: Int
  private let taps: Int
  private let coefficients: UnsafeMutablePointer<Float>
  private let history: UnsafeMutablePointer<Float>
  private let historyCapacity: Int
  /// Samples in `history`; the filter's centre runs through them.
  private var filled: Int
  private var phase = 0
  private var start = 0

  /// Input samples per second.
  public let inputRate: Int
  /// Output samples per second.
  public let outputRate: Int

  /// Input samples that must be there beyond one before its output can be known.
  public var lookahead: Int { taps / 2 }

  /// A converter from `inputRate` to `outputRate` (each 8,000 to 192,000 Hz); nil for others, or if their ratio in lowest
  /// terms has more than 1,000 phases.
  public init?(inputRate: Int, outputRate: Int) {
    let rates = 8_000...192_000
    guard rates.contains(inputRate), rates.contains(outputRate) else { return nil }
    var (a, b) = (inputRate, outputRate)
    while b != 0 { (a, b) = (b, a % b) }
    up = outputRate / a
    down = inputRate / a
    guard up <= 1_000 else { return nil }
    self.inputRate = inputRate
    self.outputRate = outputRate
    // Downwards the filter is stretched with the ratio.
    taps = (Self.tapsPerPhase * max(up, down) / up + 3) / 4 * 4
    coefficients = .allocate(capacity: up * taps)
    historyCapacity = taps * 2 + 4_096
    history = .allocate(capacity: historyCapacity)
    history.initialize(repeating: 0, count: historyCapacity)
    // Half a filter of silence, so that the output starts with the input's first sample.
    filled = taps / 2 - 1
    makeFilter()
  }

  deinit {
    coefficients.deallocate()
    history.deallocate()
  }

  /// Converts as much as fits. Feed `taps` worth of silence at the end to get the last samples out.
  /// - Returns: samples taken from `input` and written to `output`.
  public func convert(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>
  ) -> (consumed: Int, produced: Int) {
    var consumed = 0
    var produced = 0
    while produced < output.count {
      if start + taps > filled {
        let taken = refill(from: input, consumed)
        consumed += taken
        if taken == 0 { break }
        continue
      }
      let filter = coefficients + phase * taps
      let samples = history + start
      var sum: Float = 0
      for tap in 0..<taps { sum += filter[tap] * samples[tap] }
      output[produced] = sum
      produced += 1
      phase += down
      start += phase / up
      phase %= up
    }
    return (consumed, produced)
  }

  private func refill(from input: UnsafeBufferPointer<Float>, _ consumed: Int) -> Int {
    if start > 0 {
      let rest = max(0, filled - start)
      history.update(from: history + min(start, filled), count: rest)
      start -= filled - rest
      filled = rest
    }
    let taken = min(input.count - consumed, historyCapacity - filled)
    guard taken > 0, let source = input.baseAddress else { return 0 }
    (history + filled).update(from: source + consumed, count: taken)
    filled += taken
    return taken
  }

  private func makeFilter() {
    // In units of the input's sample distance: cut off half-way between the pass band's end and the lower half rate.
    let cutoff = 0.95 * min(1, Double(up) / Double(down))
    let half = Double(taps) / 2
    for phase in 0..<up {
      var sum = 0.0
      let fraction = Double(phase) / Double(up)
      for tap in 0..<taps {
        let distance = Double(tap - taps / 2 + 1) - fraction
        let value = WindowedSinc.value(at: distance, cutoff: cutoff, half: half, beta: Self.beta)
        coefficients[phase * taps + tap] = Float(value)
        sum += value
      }
      // Equal gain at rest for every phase, or a constant would come out as a tone.
      for tap in 0..<taps { coefficients[phase * taps + tap] /= Float(sum) }
    }
  }
}

/// What recordings of an exponential sweep say of the ways from the loudspeaker to the microphones: their impulse
/// responses, and before them those of the harmonics that the loudspeaker adds.
struct SweepDeconvolution {
  /// Impulse responses, a microphone each. Negative times are at the end, as in any circular transform.
  let responses: [[Float]]
  let sweep: ExponentialSweep

  /// Divides the spectra of `recordings`, in which the sweep was sent from sample `start` on, by that of `sweep`.
  init(_ recordings: [[Float]], sweep: ExponentialSweep, start: Int) {
    self.sweep = sweep
    let longest = recordings.map { $0.count - start }.max() ?? 0
    var size = 4
    while size < longest + sweep.sampleCount { size *= 2 }
    let transform = FourierTransform(size: size)
    let time = Buffer(Lanes.zero, count: size)
    let spectrum = Buffer(ComplexLanes.zero, count: transform.binCount)
    for index in 0..<sweep.sampleCount { time[index][0] = sweep.sample(index) }
    transform.forward(time.start, into: spectrum.start)
    let sent = (0..<transform.binCount).map { spectrum[$0][0] }
    // Beyond the sweep's ends there is nothing to divide by.
    let edge = Int(sweep.highest / Double(AudioBlock.sampleRate) * Double(size))
    let floor = 0.01 * sent[edge - edge / 20..<edge].reduce(0) { $0 + $1.power } / Float(edge / 20)
    var responses: [[Float]] = []
    for first in stride(from: 0, to: recordings.count, by: Lanes.scalarCount) {
      let group = recordings[first..<min(first + Lanes.scalarCount, recordings.count)]
      time.reset()
      for (lane, recording) in group.enumerated() {
        for index in start..<recording.count {
          let value = recording[index]
          time[index - start][lane] = value.isFinite ? value : 0
        }
      }
      transform.forward(time.start, into: spectrum.start)
      for bin in 0..<transform.binCount {
        let inverse = sent[bin].conjugate * (1 / (sent[bin].power + floor))
        for lane in 0..<group.count { spectrum[bin][lane] = spectrum[bin][lane] * inverse }
      }
      transform.inverse(spectrum.start, into: time.start)
      for lane in 0..<group.count { responses.append((0..<size).map { time[$0][lane] }) }
    }
    self.responses = responses
  }

  /// `count` samples of a microphone's response from `time` on, which may be negative.
  func part(_ microphone: Int, from time: Int, count: Int) -> [Float] {
    let response = responses[microphone]
    return (0..<count).map { response[((time + $0) % response.count + response.count) % response.count] }
  }
}

/// Spectra of up to eight signals.
struct SignalSpectra {
  let binCount: Int
  /// Hz from bin to bin.
  let binWidth: Double
  private let spectrum: Buffer<ComplexLanes>

  /// The spectra of `signals` (at most eight), made longer with silence up to `size`, a power of two.
  init(_ signals: [[Float]], size: Int) {
    let transform = FourierTransform(size: size)
    let time = Buffer(Lanes.zero, count: size)
    binCount = transform.binCount
    binWidth = Double(AudioBlock.sampleRate) / Double(size)
    spectrum = Buffer(.zero, count: binCount)
    for (lane, signal) in signals.prefix(Lanes.scalarCount).enumerated() {
      for index in 0..<min(signal.count, size) { time[index][lane] = signal[index] }
    }
    transform.forward(time.start, into: spectrum.start)
    withExtendedLifetime(time) {}
  }

  subscript(bin: Int, signal: Int) -> Complex { spectrum[bin][signal] }

  /// The mean power of `signal` between two frequencies in Hz.
  func power(_ signal: Int, _ range: ClosedRange<Double>) -> Double {
    let bins = bins(range)
    return bins.reduce(0.0) { $0 + Double(spectrum[$1][signal].power) } / Double(bins.count)
  }

  /// The bins between two frequencies; at least one.
  func bins(_ range: ClosedRange<Double>) -> Range<Int> {
    let low = min(max(Int((range.lowerBound / binWidth).rounded(.up)), 1), binCount - 1)
    return low..<min(max(Int(range.upperBound / binWidth) + 1, low + 1), binCount)
  }
}

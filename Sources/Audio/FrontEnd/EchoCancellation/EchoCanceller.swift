#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The linear part of echo cancellation: a partitioned-block frequency-domain Kalman filter from the loudspeakers'
/// signals to each microphone (Enzner and Vary 2006; Kuech, Mabande and Enzner 2014).
///
/// Each coefficient has an uncertainty. It falls with what the filter learns, grows with time, and sets the step: large
/// where the echo is louder than what else the microphones hear, small in double talk. No detector freezes anything. The
/// uncertainty is common to the microphones, whose paths are of one kind; that makes eight of them cost little more than
/// one. The same uncertainty tells the suppressor how much echo to expect in the output.
final class EchoCanceller {
  /// Samples in a block.
  static let blockSize = AudioBlock.sampleCount
  /// Samples in a frame: one block of the filter's partition, and two of valid output. With the usual single one, half of
  /// the error's frame is zeros, which couples the bins so strongly that the filter learns at half the speed.
  static let frameSize = 3 * blockSize
  private static let validSize = frameSize - blockSize
  /// The share of a frame that the error fills.
  private static let validShare = Float(validSize) / Float(frameSize)
  /// Bins of the spectra, 0 to 24 kHz.
  static let binCount = frameSize / 2 + 1
  /// Above this bin, 8 kHz, the path is shorter.
  private static let highBin = binCount / 3

  /// A frame's power, summed over the bins, below which the loudspeaker is silent: -70 dBFS.
  private static let silence: Float = 0.1

  struct Configuration {
    /// Length of the echo path that is modelled, in blocks of 10 ms, below 8 kHz.
    var partitionCount = 26
    /// The same above 8 kHz, where rooms and loudspeakers are duller.
    var highPartitionCount = 10
    /// How much of a coefficient's power is forgotten per block.
    var forgetting: Float = 3e-4
    /// How much more of it per block when all of the echo is seen to come through.
    var pursuit: Float = 0.03
    /// Uncertainty of the earliest coefficients before anything was heard.
    var initialUncertainty: Float = 0.1
    /// How much less each following partition is expected to hold.
    var initialDecay: Float = 0.84
    /// By how much of what independent frames would teach the uncertainty falls. The frames overlap, and those of speech
    /// are alike: a filter that believes in more becomes sure of itself long before it is right.
    var learning: Float = 0.3
  }

  let groupCount: Int
  let referenceCount: Int
  let configuration: Configuration

  /// How much echo is left in the error, by the filter's own uncertainty: power per bin of 960 samples.
  let expectedResidual: Buffer<Float>
  /// How much of the echo is seen to come through, per bin as a share of the echo estimate's power: what the filter
  /// forgets in addition, so that it follows a path that changed.
  let leakage: Buffer<Float>
  /// The echo estimate's spectrum of each group of microphones (all of the overlap-save frame).
  let echoSpectrum: GroupedBuffer<ComplexLanes>
  /// The error's spectrum (two blocks behind one of zeros).
  let errorSpectrum: GroupedBuffer<ComplexLanes>

  private let transform = FourierTransform(size: frameSize)
  /// Per bin: for each reference the partitions' coefficients.
  private let coefficients: GroupedBuffer<ComplexLanes>
  private let uncertainty: Buffer<Float>
  private let coefficientPower: Buffer<Float>
  /// Per bin and reference a ring of the last spectra, twice in a row so that a window of it never wraps.
  private let history: Buffer<Complex>
  private var newest = 0
  private let errorPower: Buffer<Float>
  private let signal: Buffer<Lanes>
  private let spectrum: Buffer<ComplexLanes>
  private let powers: Buffer<Float>
  private let previous: GroupedBuffer<Lanes>
  private var constrained = 0
  private var silentFrames = 0
  private let partitions: Int
  private let activeLanes: Float

  init(microphoneCount: Int, referenceCount: Int, configuration: Configuration = Configuration()) {
    self.configuration = configuration
    self.referenceCount = referenceCount
    groupCount = Lanes.groupCount(for: microphoneCount)
    activeLanes = Float(microphoneCount)
    partitions = configuration.partitionCount
    let cells = Self.binCount * referenceCount * partitions
    coefficients = GroupedBuffer(.zero, groupCount: groupCount, count: cells)
    uncertainty = Buffer(0, count: cells)
    coefficientPower = Buffer(0, count: cells)
    history = Buffer(.zero, count: 2 * cells)
    expectedResidual = Buffer(0, count: Self.binCount)
    echoSpectrum = GroupedBuffer(.zero, groupCount: groupCount, count: Self.binCount)
    errorSpectrum = GroupedBuffer(.zero, groupCount: groupCount, count: Self.binCount)
    errorPower = Buffer(0, count: Self.binCount)
    leakage = Buffer(0, count: Self.binCount)
    signal = Buffer(.zero, count: Self.frameSize)
    previous = GroupedBuffer(.zero, groupCount: groupCount, count: Self.blockSize)
    spectrum = Buffer(.zero, count: Self.binCount)
    powers = Buffer(0, count: Self.binCount)
    forgetPath()
  }

  /// Partitions in use at `bin`.
  @inline(__always) private func length(_ bin: Int) -> Int {
    bin <= Self.highBin ? partitions : min(partitions, configuration.highPartitionCount)
  }

  /// Starts anew: no echo path is known.
  func forgetPath() {
    coefficients.reset()
    coefficientPower.reset()
    raiseUncertainty(by: 1)
  }

  /// Keeps what is known when the reference comes to be read `blocks` later (earlier, if negative): the same path then
  /// begins so many partitions earlier.
  func moveReference(by blocks: Int) {
    for bin in 0..<Self.binCount {
      let count = length(bin)
      for reference in 0..<referenceCount {
        let cell = (bin * referenceCount + reference) * partitions
        for group in 0..<groupCount { Self.move(coefficients[group] + cell, count, by: blocks, filling: .zero) }
        Self.move(coefficientPower.start + cell, count, by: blocks, filling: 0)
        Self.move(uncertainty.start + cell, count, by: blocks, filling: 0)
      }
    }
    raiseUncertainty(by: 0.3)
  }

  private static func move<Value>(
    _ values: UnsafeMutablePointer<Value>, _ count: Int, by blocks: Int, filling: Value
  ) {
    let kept = max(0, count - abs(blocks))
    if blocks >= 0 {
      values.update(from: values + (count - kept), count: kept)
      (values + kept).update(repeating: filling, count: count - kept)
    } else {
      (values + (count - kept)).update(from: values, count: kept)
      values.update(repeating: filling, count: count - kept)
    }
  }

  /// Makes the filter as ready to learn as at the start (with `share` 1), keeping what it knows.
  func raiseUncertainty(by share: Float) {
    for bin in 0..<Self.binCount {
      for reference in 0..<referenceCount {
        var expected = configuration.initialUncertainty * share
        let cell = (bin * referenceCount + reference) * partitions
        for partition in 0..<length(bin) {
          uncertainty[cell + partition] = max(uncertainty[cell + partition], expected)
          expected *= configuration.initialDecay
        }
      }
    }
  }

  /// Whether the loudspeakers have been silent for as long as the filter looks back.
  var isSilent: Bool { silentFrames > partitions }

  /// In how many seconds sound falls by 60 dB between 500 Hz and 4 kHz, by how the coefficients decay from partition to
  /// partition (the least squares line through their levels); nil while too little of the path is known.
  var reverberationTime: Float? {
    guard let loudest = (0..<partitions).max(by: { level($0) < level($1) }) else { return nil }
    let top = level(loudest)
    // From the first reflections down to where the coefficients are noise.
    let tail = (loudest + 1..<partitions).prefix { level($0) > top - 35 }
    guard top > -60, tail.count >= 5 else { return nil }
    let middle = Float(tail.lowerBound + tail.upperBound - 1) / 2
    let mean = tail.reduce(0) { $0 + level($1) } / Float(tail.count)
    let slope =
      tail.reduce(0) { $0 + (Float($1) - middle) * (level($1) - mean) }
      / tail.reduce(0) { $0 + (Float($1) - middle) * (Float($1) - middle) }
    guard slope < -0.2 else { return nil }
    return -60 / slope * Float(Self.blockSize) / Float(AudioBlock.sampleRate)
  }

  /// The level of a partition's coefficients between 500 Hz and 4 kHz, dB.
  private func level(_ partition: Int) -> Float {
    let width = Float(AudioBlock.sampleRate) / Float(Self.frameSize)
    var sum: Float = 0
    for bin in Int(500 / width)..<Int(4_000 / width) {
      sum += coefficientPower[bin * referenceCount * partitions + partition]
    }
    return 10 * log10f(sum + 1e-20)
  }

  /// Takes the references' next spectra: of three blocks each, one per lane.
  func push(_ references: UnsafePointer<ComplexLanes>) {
    newest = newest == 0 ? partitions - 1 : newest - 1
    var power: Float = 0
    for bin in 0..<Self.binCount {
      for reference in 0..<referenceCount {
        let value = references[bin][reference]
        power += value.power
        let cell = (bin * referenceCount + reference) * 2 * partitions
        history[cell + newest] = value
        history[cell + newest + partitions] = value
      }
    }
    silentFrames = power < Self.silence ? min(silentFrames + 1, 1_000) : 0
  }

  /// Subtracts the echo from one block per group of microphones; `echo` gets what was subtracted.
  func cancel(
    _ microphones: GroupedBuffer<Lanes>, into output: GroupedBuffer<Lanes>, echo: GroupedBuffer<Lanes>
  ) {
    for group in 0..<groupCount {
      predict(group)
      transform.inverse(echoSpectrum[group], into: signal.start)
      subtract(microphones[group], group, output[group], echo[group])
      transform.forward(signal.start, into: errorSpectrum[group])
    }
    estimateStep()
    // In silence there is nothing to learn, and what is known must not grow old: hours may pass between two meetings.
    guard !isSilent else { return }
    for group in 0..<groupCount { update(group) }
    updateUncertainty()
    constrainNext()
  }

  /// The newest block's error is the output; the block before is compared once more with what is known now.
  private func subtract(
    _ microphones: UnsafePointer<Lanes>, _ group: Int, _ output: UnsafeMutablePointer<Lanes>,
    _ echo: UnsafeMutablePointer<Lanes>
  ) {
    let size = Self.blockSize
    for sample in 0..<size {
      let newest = microphones[sample]
      let estimate = signal[2 * size + sample]
      echo[sample] = estimate
      output[sample] = newest - estimate
      signal[2 * size + sample] = newest - estimate
      signal[size + sample] = previous[group][sample] - signal[size + sample]
      signal[sample] = .zero
      previous[group][sample] = newest
    }
  }

  private func predict(_ group: Int) {
    let target = echoSpectrum[group]
    for bin in 0..<Self.binCount {
      var real = Lanes.zero
      var imaginary = Lanes.zero
      let count = length(bin)
      for reference in 0..<referenceCount {
        let cell = (bin * referenceCount + reference) * partitions
        let h = coefficients[group] + cell
        let x = history.start + 2 * cell + newest
        for partition in 0..<count {
          let (a, b) = (x[partition].real, x[partition].imaginary)
          real += h[partition].real * a - h[partition].imaginary * b
          imaginary += h[partition].real * b + h[partition].imaginary * a
        }
      }
      target[bin] = ComplexLanes(real: real, imaginary: imaginary)
    }
  }

  /// Per bin, what the step of each coefficient is divided by, in `powers`.
  private func estimateStep() {
    for bin in 0..<Self.binCount {
      var error: Float = 0
      for group in 0..<groupCount { error += errorSpectrum[group][bin].power.sum() }
      error /= activeLanes
      // What the microphones hear beside the echo may set in at any moment: the present error counts at once, and stays.
      errorPower[bin] = max(0.5 * errorPower[bin] + 0.5 * error, error)
      var expected: Float = 0
      for reference in 0..<referenceCount {
        let cell = (bin * referenceCount + reference) * partitions
        let p = uncertainty.start + cell
        let x = history.start + 2 * cell + newest
        for partition in 0..<length(bin) { expected += p[partition] * x[partition].power }
      }
      expectedResidual[bin] = Self.validShare * expected
      powers[bin] = expected + errorPower[bin] / Self.validShare + 1e-9
    }
  }

  private func update(_ group: Int) {
    for bin in 0..<Self.binCount {
      let error = errorSpectrum[group][bin]
      let scale = 1 / powers[bin]
      for reference in 0..<referenceCount {
        let cell = (bin * referenceCount + reference) * partitions
        let h = coefficients[group] + cell
        let p = uncertainty.start + cell
        let x = history.start + 2 * cell + newest
        for partition in 0..<length(bin) {
          let step = p[partition] * scale
          let (a, b) = (x[partition].real * step, x[partition].imaginary * step)
          h[partition].real += error.real * a + error.imaginary * b
          h[partition].imaginary += error.imaginary * a - error.real * b
        }
      }
    }
  }

  private func updateUncertainty() {
    for bin in 0..<Self.binCount {
      let forgetting = configuration.forgetting
      let change = forgetting + configuration.pursuit * leakage[bin]
      let scale = configuration.learning * Self.validShare / powers[bin]
      for reference in 0..<referenceCount {
        let cell = (bin * referenceCount + reference) * partitions
        let p = uncertainty.start + cell
        let known = coefficientPower.start + cell
        let x = history.start + 2 * cell + newest
        for partition in 0..<length(bin) {
          let learned = 1 - p[partition] * scale * x[partition].power
          p[partition] = (1 - forgetting) * learned * p[partition] + change * known[partition]
        }
      }
    }
  }

  /// Brings a few partitions, in turn, back to impulse responses of one block: what a circular convolution would fold
  /// back is cut off. Doing so for all at each block would cost more than everything else.
  private func constrainNext() {
    for _ in 0..<2 {
      for reference in 0..<referenceCount { constrain(partition: constrained, reference: reference) }
      constrained = (constrained + 1) % partitions
    }
  }

  private func constrain(partition: Int, reference: Int) {
    powers.reset()
    for group in 0..<groupCount {
      let h = coefficients[group]
      for bin in 0..<Self.binCount {
        spectrum[bin] = h[(bin * referenceCount + reference) * partitions + partition]
      }
      transform.inverse(spectrum.start, into: signal.start)
      for sample in Self.blockSize..<Self.frameSize { signal[sample] = .zero }
      transform.forward(signal.start, into: spectrum.start)
      for bin in 0..<Self.binCount where partition < length(bin) {
        h[(bin * referenceCount + reference) * partitions + partition] = spectrum[bin]
        powers[bin] += spectrum[bin].power.sum()
      }
    }
    // Neighbouring bins know about each other's power.
    var mean = powers[0]
    for bin in 0..<Self.binCount {
      mean += 0.3 * (powers[bin] - mean)
      coefficientPower[(bin * referenceCount + reference) * partitions + partition] = mean / activeLanes
    }
  }
}

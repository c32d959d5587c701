/// Everything between what the loudspeakers are sent and the microphones' sound without echo: the reference is aligned
/// with the capture clock, the canceller runs on it.
final class EchoPath {
  private static let frameSize = EchoCanceller.frameSize
  /// The echo is put this many blocks behind the filter's beginning, so that it may come a little earlier, too.
  private static let margin = 2
  /// Lanes of the reference frame beside the references: the unaligned sum and one microphone, for the delay.
  private static let playedLane = 6
  private static let heardLane = 7

  let canceller: EchoCanceller
  let drift = DriftTracker()
  let delayEstimator = EchoDelayEstimator()
  private let line: ReferenceLine
  private let referenceCount: Int
  private let transform = FourierTransform(size: frameSize)
  private let frame: Buffer<Lanes>
  private let spectra: Buffer<ComplexLanes>
  private let window: Buffer<Float>
  private let heard: Buffer<Float>
  private var alignedTo: Int?
  private var heardPower: Float = 0
  private var leftPower: Float = 0

  /// The microphone by which the delay is found.
  var listening = 0
  /// By how much the reference is delayed, in samples.
  private(set) var delay = ReferenceLine.minimumDelay

  init(microphoneCount: Int, referenceCount: Int) {
    self.referenceCount = referenceCount
    canceller = EchoCanceller(microphoneCount: microphoneCount, referenceCount: referenceCount)
    line = ReferenceLine(channelCount: referenceCount)
    frame = Buffer(.zero, count: Self.frameSize)
    spectra = Buffer(.zero, count: EchoCanceller.binCount)
    window = Buffer(0, count: Self.frameSize)
    heard = Buffer(0, count: Self.frameSize)
    for index in 0..<Self.frameSize {
      let phase = Float(index) / Float(Self.frameSize)
      window[index] = 4 * phase * (1 - phase)
    }
  }

  /// Cancels the echo of `references` (nil: silence) in one block of the microphones.
  func process(
    _ microphones: GroupedBuffer<Lanes>, references: ReferenceLine.Block, into output: GroupedBuffer<Lanes>,
    echo: GroupedBuffer<Lanes>
  ) {
    let size = EchoCanceller.blockSize
    line.append(references, count: size)
    heard.start.update(from: heard.start + size, count: Self.frameSize - size)
    let (group, lane) = (Lanes.group(of: listening), Lanes.lane(of: listening))
    for sample in 0..<size { heard[Self.frameSize - size + sample] = microphones[group][sample][lane] }
    if let found = delayEstimator.delay, found != alignedTo { align(to: found) }

    delay = min(max(delay + drift.drift * Double(size), ReferenceLine.minimumDelay), ReferenceLine.maximumDelay)
    readReferences(delay: delay)
    addDelayFrame()
    transform.forward(frame.start, into: spectra.start)
    delayEstimator.process(spectra.start, reference: Self.playedLane, microphone: Self.heardLane)
    canceller.push(spectra.start)
    canceller.cancel(microphones, into: output, echo: echo)
    compare(microphones[group], output[group], lane: lane)
    delay += drift.process(error: canceller.errorSpectrum[0], echo: canceller.echoSpectrum[0])
  }

  /// Tells the delay's estimator how well the canceller does with the delay that it gave. The power of the samples'
  /// differences, since low frequencies are hum and say nothing about a delay.
  private func compare(_ microphone: UnsafePointer<Lanes>, _ output: UnsafePointer<Lanes>, lane: Int) {
    guard delayEstimator.isActive else { return }
    var (heard, left): (Float, Float) = (0, 0)
    for sample in 1..<EchoCanceller.blockSize {
      let before = microphone[sample][lane] - microphone[sample - 1][lane]
      let after = output[sample][lane] - output[sample - 1][lane]
      heard += before * before
      left += after * after
    }
    heardPower += EchoDelayEstimator.rate * (heard - heardPower)
    leftPower += EchoDelayEstimator.rate * (left - leftPower)
    delayEstimator.unexplainedByCanceller = leftPower / (heardPower + 1e-12)
  }

  private func readReferences(delay: Double) {
    for channel in 0..<referenceCount {
      line.read(
        channel: channel, delay: delay, slope: drift.drift, count: Self.frameSize, into: frame.start, lane: channel)
    }
  }

  private func addDelayFrame() {
    let lane = Self.playedLane
    line.read(
      channel: 0, delay: ReferenceLine.minimumDelay, slope: 0, count: Self.frameSize, into: frame.start, lane: lane)
    if referenceCount > 1 {
      line.read(
        channel: 1, delay: ReferenceLine.minimumDelay, slope: 0, count: Self.frameSize, into: frame.start,
        lane: Self.heardLane)
    }
    for sample in 0..<Self.frameSize {
      let second = referenceCount > 1 ? frame[sample][Self.heardLane] : 0
      frame[sample][lane] = (frame[sample][lane] + second) * window[sample]
      frame[sample][Self.heardLane] = heard[sample] * window[sample]
    }
  }

  /// Moves the reference so that an echo `found` blocks late falls near the filter's beginning; always by whole blocks.
  private func align(to found: Int) {
    let size = Double(EchoCanceller.blockSize)
    let before = alignedTo ?? 0
    alignedTo = found
    if delayEstimator.isFirst {
      // The first estimates become better while the path stays as it is: what the filter knows of it moves along.
      let wanted = max(0, Double(found - Self.margin)) * size + ReferenceLine.minimumDelay
      var blocks = Int(((wanted - delay) / size).rounded())
      if delay + Double(blocks) * size < ReferenceLine.minimumDelay { blocks += 1 }
      guard blocks != 0 else { return }
      delay += Double(blocks) * size
      canceller.moveReference(by: blocks)
    } else {
      // A step of one block either way is the estimate's own uncertainty.
      guard abs(found - before) > 1 else { return alignedTo = before }
      // What the filter knows stays right if only the delay jumped. But the echo must never come before the filter's
      // beginning.
      let wanted = max(ReferenceLine.minimumDelay, Double(found - Self.margin) * size)
      let moved = delay + Double(found - before) * size
      delay = max(ReferenceLine.minimumDelay, moved > wanted + size / 2 ? wanted : moved)
      canceller.raiseUncertainty(by: 0.3)
    }
    for age in (1...canceller.configuration.partitionCount).reversed() {
      readReferences(delay: delay + Double(age) * size)
      transform.forward(frame.start, into: spectra.start)
      canceller.push(spectra.start)
    }
  }
}

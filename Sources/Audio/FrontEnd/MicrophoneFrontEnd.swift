#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What stands between the microphones and the encoder: takes a block of all microphones and of what was sent to the
/// loudspeakers, gives a block of one channel with the talker alone.
///
/// The echo is cancelled at each microphone first, because a beam that moves would be an echo path that moves. Then come
/// the beam, the suppression of what is left of echo, noise and late reverberation, gain and limiter.
///
/// Blocks of 10 ms at 48 kHz. Belongs to one thread at a time; allocates only when made.
public final class MicrophoneFrontEnd {
  /// By how many samples the output is later than the input.
  public static let latency = SpectralFrame.delay + LookAheadLimiter.latency

  /// Shares of the echo's pattern in the output at which the path may have changed, and at which it has.
  private static let changedShare: ClosedRange<Float> = 0.3...0.7
  /// How much of the seen echo makes the canceller forget when the pattern says nothing.
  private static let leastPursuit: Float = 0.2

  private let array: MicrophoneArray
  private let echoPath: EchoPath
  private let microphones: GroupedBuffer<Lanes>
  private let cleaned: GroupedBuffer<Lanes>
  private let echo: GroupedBuffer<Lanes>
  private let analysis: SpectralAnalysis
  private let echoAnalysis: SpectralAnalysis
  // Parts of parts are held here, too: to use them through the part that they belong to would count references.
  private let canceller: EchoCanceller
  private let spectra: GroupedBuffer<ComplexLanes>
  private let echoSpectra: GroupedBuffer<ComplexLanes>
  private let uncertainEcho: Buffer<Float>
  private let leftEcho: Buffer<Float>
  private let talkerPresence: Buffer<Float>
  private let synthesis = SpectralSynthesis()
  private let beamformer: Beamformer
  private let directionFinder: DirectionFinder
  private let health: MicrophoneHealth
  private let residualEcho = ResidualEchoEstimator()
  private let likeness: SpatialLikeness
  private let suppressor = Suppressor()
  private let howl = HowlGuard()
  private let beam: Buffer<Complex>
  private let result: Buffer<ComplexLanes>
  private let block: Buffer<Lanes>
  private let gain = AutomaticGain()
  private let limiter = LookAheadLimiter()
  private var dither: UInt32 = 1
  private var listening = 0
  private var meters = FrontEndMeters()

  /// A front end for `array` and `referenceCount` (1 or 2) loudspeaker channels.
  public init(array: MicrophoneArray, referenceCount: Int) {
    precondition((1...2).contains(referenceCount), "one or two loudspeaker channels")
    self.array = array
    let groups = Lanes.groupCount(for: array.microphones.count)
    echoPath = EchoPath(microphoneCount: array.microphones.count, referenceCount: referenceCount)
    microphones = GroupedBuffer(.zero, groupCount: groups, count: AudioBlock.sampleCount)
    cleaned = GroupedBuffer(.zero, groupCount: groups, count: AudioBlock.sampleCount)
    echo = GroupedBuffer(.zero, groupCount: groups, count: AudioBlock.sampleCount)
    analysis = SpectralAnalysis(groupCount: groups)
    echoAnalysis = SpectralAnalysis(groupCount: groups)
    spectra = analysis.spectra
    echoSpectra = echoAnalysis.spectra
    canceller = echoPath.canceller
    uncertainEcho = canceller.expectedResidual
    leftEcho = residualEcho.power
    talkerPresence = suppressor.presence
    health = MicrophoneHealth(microphoneCount: array.microphones.count)
    likeness = SpatialLikeness(microphoneCount: array.microphones.count)
    beamformer = Beamformer(array: array)
    directionFinder = DirectionFinder(beamformer: beamformer)
    beam = Buffer(.zero, count: SpectralFrame.binCount)
    result = Buffer(.zero, count: SpectralFrame.binCount)
    block = Buffer(.zero, count: AudioBlock.sampleCount)
  }

  /// What is known about the room after the last block. Allocates nothing.
  public var report: MicrophoneFrontEndReport {
    var report = MicrophoneFrontEndReport()
    report.nearEndPresence = Double(suppressor.nearEnd.presence)
    report.talkerAzimuth = directionFinder.direction.map { Double(beamformer.azimuths[$0]) }
    for microphone in 0..<array.microphones.count {
      if health.isFaulty(microphone) { report.faultyMask |= 1 << UInt(microphone) }
      if health.isOverloaded(microphone) { report.overloadedMask |= 1 << UInt(microphone) }
    }
    report.isReferenceSilent = canceller.isSilent
    report.reverberationTime = canceller.reverberationTime.map { Double($0) }
    report.echoDelayMilliseconds = echoPath.delayEstimator.delay.map { Double($0) * 10 }
    report.driftPPM = echoPath.drift.drift * 1e6
    report.echoReturnLossEnhancement = meters.echoReturnLossEnhancement
    report.nonLinearity = meters.nonLinearity
    report.howlFrequency = howl.frequency.map { Double($0) }
    report.gain = Double(gain.gain)
    report.captureLevel = meters.captureLevel
    report.outputLevel = meters.outputLevel
    return report
  }

  /// Whether somebody in the room speaks: a voice that isn't the loudspeaker's.
  public var hasVoice: Bool {
    suppressor.nearEnd.presence > 0.6 && suppressor.nearEnd.voiced > 0.5 && residualEcho.echoShare < 0.4
  }

  /// Processes one block: `capture` holds one channel per microphone, `reference` what was last sent to the
  /// loudspeakers (nil: silence), `output` gets one channel.
  public func process(capture: AudioBlock, reference: AudioBlock?, into output: AudioBlock) {
    load(capture)
    leaveOutFaulty()
    echoPath.process(
      microphones, references: (Self.samples(reference, 0), Self.samples(reference, 1)), into: cleaned, echo: echo)
    analysis.process(cleaned)
    echoAnalysis.process(echo)
    formBeam()
    suppress()
    for bin in 0..<SpectralFrame.binCount { result[bin][0] = beam[bin] }
    synthesis.process(result.start, into: block.start)
    let target = output.channel(0)
    for sample in 0..<AudioBlock.sampleCount { target[sample] = block[sample][0] }
    // The level is measured where nothing but the talker is heard, which takes no time away: people speak alone mostly.
    let isTalker = !residualEcho.isActive && suppressor.nearEnd.voiced > 0.5
    gain.process(target, nearEnd: isTalker ? suppressor.nearEnd.presence : 0)
    limiter.process(target)
    measure(target)
  }

  private static func samples(_ block: AudioBlock?, _ channel: Int) -> UnsafePointer<Float>? {
    guard let block, channel < block.channelCount else { return nil }
    return UnsafePointer(block.channel(channel).baseAddress)
  }

  /// Brings the microphones' samples into lanes; what isn't a number is silence.
  private func load(_ capture: AudioBlock) {
    for microphone in 0..<min(capture.channelCount, array.microphones.count) {
      let source = capture.channel(microphone)
      let target = microphones[Lanes.group(of: microphone)]
      for sample in 0..<AudioBlock.sampleCount {
        let value = source[sample]
        // Noise at -160 dBFS: without it the filters' memories would decay to denormal numbers in digital silence, on
        // which processors are slow.
        dither = dither &* 1_664_525 &+ 1_013_904_223
        let noise = Float(Int32(bitPattern: dither)) * 0x1p-58
        target[sample][Lanes.lane(of: microphone)] = (value.isFinite ? min(max(value, -4), 4) : 0) + noise
      }
    }
  }

  /// Silences microphones that are lost or stuck, which would disturb the others' cancellation.
  private func leaveOutFaulty() {
    let before = health.faultyCount
    health.process(microphones)
    // What comes back after a while hears the echo by a path that nobody followed meanwhile.
    if health.faultyCount < before { canceller.raiseUncertainty(by: 0.3) }
    listening = health.firstHealthy
    echoPath.listening = listening
    guard health.faultyCount > 0 else { return }
    for microphone in array.microphones.indices where health.isFaulty(microphone) {
      let block = microphones[Lanes.group(of: microphone)]
      // At -160 dB, for the same reason as the noise above.
      for sample in 0..<AudioBlock.sampleCount { block[sample][Lanes.lane(of: microphone)] *= 1e-8 }
    }
  }

  /// The beam to the talker; as long as nobody spoke, or when a microphone is missing from it, the first good microphone.
  private func formBeam() {
    if health.faultyCount == 0, let direction = directionFinder.direction {
      beamformer.apply(direction, to: spectra, into: beam)
    } else {
      let (group, lane) = (Lanes.group(of: listening), Lanes.lane(of: listening))
      for bin in 0..<SpectralFrame.binCount { beam[bin] = spectra[group][bin][lane] }
    }
  }

  /// Lets the canceller forget where echo is seen to come through. In double talk a band alone may look like that by
  /// chance; a path that changed shows in the pattern of all of them.
  private func pursueChangedPath() {
    let range = Self.changedShare
    let share = (residualEcho.echoShare - range.lowerBound) / (range.upperBound - range.lowerBound)
    let certainty = Self.leastPursuit + (1 - Self.leastPursuit) * min(1, max(0, share))
    for bin in 0..<SpectralFrame.binCount {
      canceller.leakage[bin] = certainty * residualEcho.leakage[bin]
    }
  }

  private func suppress() {
    residualEcho.process(
      output: beam, echo: echoSpectra, laneCount: array.microphones.count,
      expected: uncertainEcho)
    pursueChangedPath()
    likeness.process(spectra, echo: echoSpectra)
    howl.listen(beam)
    suppressor.process(
      beam, echo: leftEcho, echoShare: residualEcho.echoShare, likeness: likeness.value,
      lingering: residualEcho.lingering)
    howl.apply(to: beam)
    // Keys, paper and the loudspeaker have a direction, too, but aren't whom the beam should follow.
    let isEcho = residualEcho.isActive && residualEcho.echoShare > 0.25
    guard array.hasExtent else { return }
    if suppressor.nearEnd.presence > 0.7, suppressor.nearEnd.voiced > 0.7, !isEcho, health.faultyCount == 0 {
      directionFinder.process(spectra, presence: talkerPresence)
    }
  }

  private func measure(_ output: UnsafeMutableBufferPointer<Float>) {
    var heard = Lanes.zero
    for group in 0..<microphones.groupCount {
      let block = microphones[group]
      for sample in 0..<AudioBlock.sampleCount { heard += block[sample] * block[sample] }
    }
    var sent: Float = 0
    for sample in output { sent += sample * sample }
    let blockSize = Float(AudioBlock.sampleCount)
    meters.addLevels(
      heard: heard.sum() / (blockSize * Float(array.microphones.count)), sent: sent / blockSize)
    guard residualEcho.isActive else { return }
    let (group, lane) = (Lanes.group(of: listening), Lanes.lane(of: listening))
    var before: Float = 0
    var after: Float = 0
    for sample in 0..<AudioBlock.sampleCount {
      let value = microphones[group][sample][lane]
      let error = cleaned[group][sample][lane]
      before += value * value
      after += error * error
    }
    meters.addEcho(
      heard: before / blockSize, cleaned: after / blockSize, isAlone: suppressor.nearEnd.presence < 0.2)
  }
}

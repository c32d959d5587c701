import Realtime
import Synchronization

/// The work of the audio thread, 10 ms at a time: the microphones' sound, through their front end, into Opus packets, and
/// all senders' packets into the loudspeaker.
///
/// `processBlock` waits in the capture device, and thereby keeps the devices' time; once running it allocates nothing,
/// takes no lock and releases nothing. Everything else may be called from any thread. `@unchecked Sendable`: the fields
/// under "Audio thread" belong to the one thread that calls `processBlock`; the others are atomic or locked.
public final class AudioPipeline: @unchecked Sendable {
  /// Streams that can be played at once.
  public static let maximumStreamCount = 128

  /// Encoded packets to be sent; one thread takes them out. Sequence numbers count packets that need sending, timestamps
  /// samples.
  public let outgoing = AudioPacketRing(capacity: 64)

  /// Raised when a device has vanished; one thread, which looks for another device, waits for it. Others may raise it to
  /// make that thread look.
  public let deviceSignal = WakeSignal()

  private enum Command {
    case add(AudioReceiveStream)
    case remove(AudioReceiveStream)
    case capture(CaptureSlot)
    case playback(PlaybackSlot)
  }

  private let commands = SPSCRing<Command>(capacity: 256)
  /// Objects the audio thread has done with; they are released by whoever sends the next command.
  private let retired = SPSCRing<AnyObject>(capacity: 512)
  /// Makes all callers one producer of `commands` and one consumer of `retired`. The audio thread never takes it.
  private let control = Mutex(())
  private let muted = Atomic<Bool>(false)
  private let playbackFactor = Atomic<UInt32>(Float(1).bitPattern)
  private let bitrate = Atomic<Int>(40_000)
  private let complexity = Atomic<Int>(9)
  private let expectedLoss = Atomic<Int>(5)
  private let board = StatisticsBoard(AudioPipelineStatistics())
  private let processing: SoundProcessing

  // Audio thread. What comes and goes is held unmanaged, one reference each.
  private var capture: Unmanaged<CaptureSlot>
  private var playback: Unmanaged<PlaybackSlot>?
  private let silence = CaptureSlot(SilentCapture(), processing: .off, array: nil)
  /// What the loudspeaker was sent with the block before; its equaliser and limiter have gone over it.
  private let reference = AudioBlock(channelCount: 1)
  private let encoder: OpusEncoder
  private let encoderInput: UnsafeMutableBufferPointer<Float>
  private let encoded: UnsafeMutableRawBufferPointer
  private var encoderFilled = 0
  private var packetStart = Instant(nanoseconds: 0)
  private var sequenceNumber: Int64 = 0
  private var timestamp: UInt32
  private var microphoneGain = GainRamp(from: 1, to: 1)
  private var playbackGain = GainRamp(from: 1, to: 1)
  /// Closes the gap between one microphone and the next.
  private let tail = SoundTail(count: 240)
  private let lastCaptured: UnsafeMutableBufferPointer<Float>
  private var hasNewCapture = false
  private let streams: UnsafeMutablePointer<Unmanaged<AudioReceiveStream>>
  private var streamCount = 0
  private let mixer = AudioMixer()
  private let mix: UnsafeMutableBufferPointer<Float>
  private var statistics = AudioPipelineStatistics()
  private var mutedSpeech = MutedSpeechDetector()

  /// A pipeline between two devices.
  /// - Parameters:
  ///   - capture: the microphone; nil for none.
  ///   - array: where its microphones are, if that is known.
  ///   - playback: the loudspeaker; nil for none.
  ///   - profile: how the loudspeaker is to be driven.
  ///   - processing: what is done with the sound of this microphone and those that come after it.
  ///   - firstTimestamp: RTP timestamp of the first sample (random, RFC 3550 section 5.1).
  public init(
    capture: (any AudioCapture)?, array: MicrophoneArray? = nil, playback: (any AudioPlayback)?,
    profile: LoudspeakerProfile = LoudspeakerProfile(), processing: SoundProcessing = .off, firstTimestamp: UInt32
  ) throws(OpusError) {
    encoder = try OpusEncoder()
    self.processing = processing
    self.capture = .passRetained(
      capture.map { CaptureSlot($0, processing: processing, array: array) } ?? silence)
    self.playback = playback.map { .passRetained(PlaybackSlot($0, profile: profile)) }
    streams = .allocate(capacity: Self.maximumStreamCount)
    timestamp = firstTimestamp
    encoderInput = .allocate(capacity: OpusEncoder.sampleCount)
    encoderInput.initialize(repeating: 0)
    encoded = .allocate(byteCount: OpusEncoder.maximumByteCount, alignment: 16)
    mix = .allocate(capacity: AudioBlock.sampleCount)
    mix.initialize(repeating: 0)
    lastCaptured = .allocate(capacity: SoundTail.historyCount)
    lastCaptured.initialize(repeating: 0)
    statistics.hasCapture = capture == nil ? 0 : 1
    statistics.hasPlayback = playback == nil ? 0 : 1
    board.publish(statistics)
  }

  deinit {
    capture.release()
    playback?.release()
    for index in 0..<streamCount { streams[index].release() }
    streams.deallocate()
    encoderInput.deallocate()
    encoded.deallocate()
    mix.deallocate()
    lastCaptured.deallocate()
  }

  // MARK: Any thread

  /// Starts to play `stream`, which fades in. False if too many commands wait (the audio thread stands still).
  @discardableResult
  public func add(_ stream: AudioReceiveStream) -> Bool { send(.add(stream)) }

  /// Fades `stream` out and lets go of it.
  @discardableResult
  public func remove(_ stream: AudioReceiveStream) -> Bool { send(.remove(stream)) }

  /// Goes on with another microphone, from the next block on. Takes some milliseconds, in which its front end is made.
  /// - Parameters:
  ///   - array: where its microphones are, if that is known.
  ///   - calibration: how they differ, if that is known.
  @discardableResult
  public func replaceCapture(
    _ capture: any AudioCapture, array: MicrophoneArray? = nil, calibration: ArrayCalibration? = nil
  ) -> Bool {
    send(.capture(CaptureSlot(capture, processing: processing, array: array, calibration: calibration)))
  }

  /// Goes on with another loudspeaker, from the next block on.
  /// - Parameter profile: how it is to be driven.
  @discardableResult
  public func replacePlayback(
    _ playback: any AudioPlayback, profile: LoudspeakerProfile = LoudspeakerProfile()
  ) -> Bool {
    send(.playback(PlaybackSlot(playback, profile: profile)))
  }

  /// Whether silence is sent in place of what the microphone hears.
  public var isMicrophoneMuted: Bool {
    get { muted.load(ordering: .relaxed) }
    set { muted.store(newValue, ordering: .relaxed) }
  }

  /// How loud the loudspeaker plays: a factor from 0, silence, to 1, as loud as it can.
  public var playbackVolume: Float {
    get { Float(bitPattern: playbackFactor.load(ordering: .relaxed)) }
    set { playbackFactor.store(min(max(newValue, 0), 1).bitPattern, ordering: .relaxed) }
  }

  /// Opus bit rate in bit/s.
  public var encoderBitrate: Int {
    get { bitrate.load(ordering: .relaxed) }
    set { bitrate.store(newValue, ordering: .relaxed) }
  }

  /// Opus effort, 0 to 10.
  public var encoderComplexity: Int {
    get { complexity.load(ordering: .relaxed) }
    set { complexity.store(newValue, ordering: .relaxed) }
  }

  /// Loss that the receivers report, in percent, for in-band error correction.
  public var encoderExpectedLoss: Int {
    get { expectedLoss.load(ordering: .relaxed) }
    set { expectedLoss.store(newValue, ordering: .relaxed) }
  }

  /// What has been done so far.
  public var currentStatistics: AudioPipelineStatistics { board.value }

  /// Releases what the audio thread has done with. Every command does so too; call it now and then if none are sent.
  public func releaseRetired() {
    control.withLock { _ in
      while retired.pop() != nil {}
    }
  }

  private func send(_ command: Command) -> Bool {
    control.withLock { _ in
      while retired.pop() != nil {}
      return commands.push(command) == nil
    }
  }

  /// Starts the audio thread: blocks are processed until the thread is stopped or let go of. Once at a time.
  public func startThread() throws(RealtimeThread.Failure) -> RealtimeThread {
    try RealtimeThread(name: "audio") { context in
      while !context.shouldStop { self.processBlock() }
    }
  }

  // MARK: Audio thread

  /// Waits for the next 10 ms of captured sound and does one block's work.
  public func processBlock() {
    obeyCommands()
    readCapture()
    let now = capture._withUnsafeGuaranteedRef { slot in
      send(slot)
      return slot.block.timestamp + AudioBlock.duration
    }
    playStreams(at: now)
    statistics.blocks += 1
    board.publish(statistics)
  }

  private func obeyCommands() {
    while let command = commands.pop() {
      switch command {
      case .add(let stream):
        if streamCount < Self.maximumStreamCount, !isPlaying(stream) {
          stream.isLeaving = false
          streams[streamCount] = .passRetained(stream)
          streamCount += 1
        } else {
          retired.push(stream)
        }
      case .remove(let stream):
        stream.isLeaving = true
        if !isPlaying(stream) { retired.push(stream) }
      case .capture(let slot):
        use(slot)
        statistics.hasCapture = 1
      case .playback(let slot):
        if let playback { retired.push(playback.takeRetainedValue()) }
        playback = .passRetained(slot)
        statistics.hasPlayback = 1
      }
    }
    statistics.streams = streamCount
  }

  private func isPlaying(_ stream: AudioReceiveStream) -> Bool {
    (0..<streamCount).contains { streams[$0].toOpaque() == Unmanaged.passUnretained(stream).toOpaque() }
  }

  private func use(_ slot: CaptureSlot) {
    retired.push(capture.takeRetainedValue())
    capture = .passRetained(slot)
    hasNewCapture = true
  }

  private func readCapture() {
    // A device that loses sound three times in a row, without a block between, isn't working.
    for _ in 0..<3 {
      switch read() {
      case nil: return
      case .xrun: statistics.captureOverruns += 1
      case .vanished: return loseCapture()
      }
    }
    loseCapture()
  }

  private func read() -> AudioDeviceError? {
    capture._withUnsafeGuaranteedRef { slot in
      do throws(AudioDeviceError) {
        try slot.device.read(into: slot.block)
        return nil
      } catch {
        return error
      }
    }
  }

  private func loseCapture() {
    use(silence)
    statistics.hasCapture = 0
    deviceSignal.raise()
    _ = read()
  }

  /// Captured sound on its way to the network: through the front end into the one channel that is encoded.
  private func send(_ slot: CaptureSlot) {
    if encoderFilled == 0 { packetStart = slot.start }
    let place = UnsafeMutableBufferPointer(
      rebasing: encoderInput[encoderFilled..<encoderFilled + AudioBlock.sampleCount])
    slot.process(reference: reference, into: place)
    note(slot.frontEnd)
    closeGap(place)
    microphoneGain.target = isMicrophoneMuted ? 0 : 1
    microphoneGain.apply(to: place)
    encoderFilled += AudioBlock.sampleCount
    guard encoderFilled == OpusEncoder.sampleCount else { return }
    encoderFilled = 0
    adjustEncoder()
    if let packet = try? encoder.encode(UnsafeBufferPointer(encoderInput), into: encoded) {
      statistics.captureLevel = Int(packet.audioLevel)
      if packet.needsSending { push(packet) }
    }
    timestamp &+= UInt32(OpusEncoder.sampleCount)
  }

  private func push(_ packet: OpusEncoder.Packet) {
    let header = AudioPacketRing.Header(
      sequenceNumber: sequenceNumber, timestamp: timestamp, time: packetStart, audioLevel: packet.audioLevel,
      voiceActivity: packet.voiceActivity)
    if !outgoing.push(header, payload: UnsafeRawBufferPointer(rebasing: encoded[..<packet.byteCount])) {
      statistics.packetsDropped += 1
    }
    statistics.packetsEncoded += 1
    // A dropped packet leaves a gap in the numbers, as a lost one does.
    sequenceNumber += 1
  }

  private func note(_ frontEnd: MicrophoneFrontEnd?) {
    statistics.hasFrontEnd = frontEnd == nil ? 0 : 1
    // Ten times a second is enough for those who look.
    if statistics.blocks % 10 == 0 { statistics.frontEnd = frontEnd?.report ?? MicrophoneFrontEndReport() }
    mutedSpeech.process(hasVoice: frontEnd?.hasVoice ?? false, isMuted: isMicrophoneMuted)
    statistics.speaksWhileMuted = mutedSpeech.isSpeaking ? 1 : 0
  }

  /// Lets the sound of a microphone that has vanished or been replaced die away into that of the next, without a click.
  private func closeGap(_ samples: UnsafeMutableBufferPointer<Float>) {
    guard let new = samples.baseAddress, let old = lastCaptured.baseAddress else { return }
    if hasNewCapture { tail.splice(tail.following(old), into: new) }
    hasNewCapture = false
    old.update(from: new, count: SoundTail.historyCount)
  }

  private func adjustEncoder() {
    if encoder.bitrate != encoderBitrate { encoder.bitrate = encoderBitrate }
    if encoder.complexity != encoderComplexity { encoder.complexity = encoderComplexity }
    if encoder.expectedLoss != encoderExpectedLoss { encoder.expectedLoss = encoderExpectedLoss }
  }

  private func playStreams(at now: Instant) {
    for index in 0..<streamCount {
      streams[index]._withUnsafeGuaranteedRef { stream in
        stream.pull(at: now)
        mixer.add(stream.samples, gain: &stream.gain)
      }
    }
    finishMix()
    if mixer.leastGain < 1 { statistics.blocksLimited += 1 }
    let heardAt = play(at: now) + .nanoseconds(Int64(AudioMixer.latency) * 1_000_000 / 48)
    var index = 0
    while index < streamCount {
      let hasLeft = streams[index]._withUnsafeGuaranteedRef { stream in
        stream.publish(heardAt: heardAt)
        return stream.isLeaving && stream.gain.isSilent
      }
      if hasLeft { retire(index) } else { index += 1 }
    }
  }

  private func finishMix() {
    guard let playback else {
      mixer.finish(into: mix)
      return reference.silence()
    }
    playback._withUnsafeGuaranteedRef { slot in mixer.finish(through: slot.processor, into: mix) }
    // Behind the limiter, which thereby works alike at each volume; the canceller hears what the room hears.
    playbackGain.target = playbackVolume
    playbackGain.apply(to: mix)
    _ = reference.channel(0).update(fromContentsOf: mix)
  }

  /// Lets go of stream number `index`; the last takes its place.
  private func retire(_ index: Int) {
    retired.push(streams[index].takeRetainedValue())
    streamCount -= 1
    streams[index] = streams[streamCount]
  }

  /// Hands the mix to the loudspeaker; gives back when its first sample will be heard.
  private func play(at now: Instant) -> Instant {
    guard let playback else { return now }
    playback._withUnsafeGuaranteedRef { slot in
      slot.block.timestamp = now
      for index in 0..<slot.block.channelCount { _ = slot.block.channel(index).update(fromContentsOf: mix) }
    }
    for _ in 0..<3 {
      switch write(playback) {
      case .success(let heardAt): return heardAt
      case .failure(.xrun): statistics.playbackUnderruns += 1
      case .failure(.vanished): return losePlayback(playback, at: now)
      }
    }
    return losePlayback(playback, at: now)
  }

  private func write(_ playback: Unmanaged<PlaybackSlot>) -> Result<Instant, AudioDeviceError> {
    playback._withUnsafeGuaranteedRef { slot in
      do throws(AudioDeviceError) {
        return .success(try slot.device.write(slot.block))
      } catch {
        return .failure(error)
      }
    }
  }

  private func losePlayback(_ playback: Unmanaged<PlaybackSlot>, at now: Instant) -> Instant {
    retired.push(playback.takeRetainedValue())
    self.playback = nil
    statistics.hasPlayback = 0
    reference.silence()
    deviceSignal.raise()
    return now
  }
}

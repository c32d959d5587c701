import Audio
import CALSA
import Realtime
import Synchronization

/// A loudspeaker of ALSA.
///
/// Blocks come at the pace of the capture device, whose clock is another: they are resampled so that the time between a
/// block's being due (`AudioBlock.timestamp`) and its being heard stays the same. An echo canceller sees one clock.
///
/// The device runs freely. Behind the last sample always lies a tail in which the sound would die away, and behind that
/// silence, so that a device that runs dry because the thread is late doesn't click.
///
/// `@unchecked Sendable`: made on one thread, then confined to the audio thread; what others may call is atomic.
public final class ALSAPlayback: AudioPlayback, @unchecked Sendable {
  /// What is to be left to play when the next block comes, in seconds, beside a period of the device.
  private static let reserve = 0.003
  /// The most that a device which runs dry again and again gets, in seconds.
  private static let largestReserve = 0.06
  /// Blocks before the pointer of a device that has just been started is believed.
  private static let startingBlocks = 5
  /// Blocks after which it is known what the device holds back beyond its buffer.
  private static let settlingBlocks = 20

  /// Channels in every block.
  public let channelCount: Int
  /// How the device has been set.
  public let configuration: PCMConfiguration

  private let pcm: PCMHandle
  private let board = StatisticsBoard(ALSAPlaybackReport())
  private let lost = Atomic<Bool>(false)
  private let gainBits = Atomic<UInt32>(Float(1).bitPattern)

  // Audio thread.
  private let resampler: AsynchronousResampler
  private let tail: SoundTail
  private let recent: UnsafeMutablePointer<Float>
  private let scaled: AudioBlock
  private var gain = [GainRamp]()
  private var steering: PlaybackSteering
  private var report = ALSAPlaybackReport()
  /// The device's frames written or skipped.
  private var written: Int64 = 0
  /// Samples taken from blocks.
  private var taken: Int64 = 0
  private var isRunning = false
  private var fadesIn = true
  /// Whether the tail behind what was written last is being heard, because a block was left out.
  private var isInTail = false
  private var blocksSinceStart = 0
  private var reserve: Double
  private var least = Int.max
  private var most = 0

  /// Opens the device at `address`. Playing begins with the first `write`.
  public init(_ address: PCMAddress, _ request: PCMRequest = PCMRequest(channelCount: 2)) throws(ALSAError) {
    pcm = try PCMHandle(address, .playback, request)
    configuration = pcm.configuration
    channelCount = configuration.channelCount
    guard
      let resampler = AsynchronousResampler(
        channelCount: channelCount, inputRate: AudioBlock.sampleRate, outputRate: configuration.sampleRate)
    else { throw .unsupported("a rate of \(configuration.sampleRate) Hz") }
    self.resampler = resampler
    tail = SoundTail(count: configuration.sampleRate / 200)
    recent = .allocate(capacity: channelCount * SoundTail.historyCount)
    recent.initialize(repeating: 0, count: channelCount * SoundTail.historyCount)
    scaled = AudioBlock(channelCount: channelCount)
    gain = (0..<channelCount).map { _ in GainRamp(from: 1, to: 1) }
    reserve = Self.reserve + Double(configuration.periodSize) / Double(configuration.sampleRate)
    steering = PlaybackSteering(
      sourceRate: AudioBlock.sampleRate, sinkRate: configuration.sampleRate, target: reserve)
    report.sampleRate = configuration.sampleRate
    report.channelCount = channelCount
  }

  deinit { recent.deallocate() }

  // MARK: Any thread

  /// What the device has done so far.
  public var currentReport: ALSAPlaybackReport { board.value }

  /// Whether the device is gone or given up; it won't come back as this object.
  public var isLost: Bool { lost.load(ordering: .relaxed) }

  /// Gives the device up: the next `write` throws `vanished`.
  public func giveUp() { lost.store(true, ordering: .relaxed) }

  /// Digital volume as a factor, 0 to 4, for devices without a control of their own.
  public var digitalGain: Float {
    get { Float(bitPattern: gainBits.load(ordering: .relaxed)) }
    set { gainBits.store((newValue.isFinite ? min(4, max(0, newValue)) : 1).bitPattern, ordering: .relaxed) }
  }

  // MARK: Audio thread

  /// Queues a block; see `AudioPlayback`.
  public func write(_ block: AudioBlock) throws(AudioDeviceError) -> Instant {
    guard !isLost, let status = pcm.currentStatus() else { throw vanish() }
    steering.observeSource(position: taken, at: block.timestamp)
    switch status.state {
    case SND_PCM_STATE_RUNNING:
      if blocksSinceStart >= Self.startingBlocks {
        steering.observeSink(position: written - Int64(status.delay), at: status.time)
      }
    case SND_PCM_STATE_PREPARED where !isRunning:
      try start(block)
    case SND_PCM_STATE_DISCONNECTED:
      throw vanish()
    default:
      throw restart(status)
    }
    return try queue(block, fill: isRunning ? configuration.bufferSize - status.available : 0)
  }

  /// Writes the silence that gives the delay, and starts the device.
  private func start(_ block: AudioBlock) throws(AudioDeviceError) {
    let late = (MonotonicClock.now - block.timestamp).seconds
    steering.target = min(max(late, 0), 0.05) + reserve
    let silence = max(configuration.periodSize, Int(reserve * Double(configuration.sampleRate)))
    guard storeSilence(silence), pcm.start() else { throw vanish() }
    isRunning = true
    fadesIn = true
    blocksSinceStart = 0
    (least, most) = (Int.max, 0)
  }

  private func restart(_ status: PCMHandle.Status) -> AudioDeviceError {
    if status.state == SND_PCM_STATE_SUSPENDED { report.suspensions += 1 } else { report.underruns += 1 }
    isRunning = false
    steering.restartSink()
    guard pcm.prepare() else { return vanish() }
    return .xrun(sampleCount: 0)
  }

  private func vanish() -> AudioDeviceError {
    lost.store(true, ordering: .relaxed)
    report.isLost = 1
    board.publish(report)
    return .vanished
  }

  /// Resamples and writes a block. `fill`: frames that are still to be played.
  private func queue(_ block: AudioBlock, fill: Int) throws(AudioDeviceError) -> Instant {
    var decision = steering.decide(next: resampler.inputPosition, written: written)
    let ranDry = fill < 0
    let isSettled = settle(decision)
    if ranDry || (decision.isLost && blocksSinceStart > Self.settlingBlocks) || !isSettled {
      guard resume(&decision, fill: fill, ranDry: ranDry) else { return leaveOut(block, decision) }
    } else if isInTail {
      decision.delay += Double(skip(tail.count)) / Double(configuration.sampleRate)
    }
    isInTail = false
    let count = convert(block, step: decision.step)
    taken += Int64(AudioBlock.sampleCount)
    guard store(count) else { throw vanish() }
    storeTail(count)
    learn(decision, fill: fill)
    return block.timestamp + .nanoseconds(Int64(decision.delay * 1e9))
  }

  /// Once the device has run for a while, sets the delay to what leaves the reserve in its buffer.
  /// - Returns: false if silence must be inserted to get there.
  private func settle(_ decision: PlaybackSteering.Decision) -> Bool {
    guard blocksSinceStart == Self.settlingBlocks, least != .max else { return true }
    let missing = reserve - Double(least) / Double(configuration.sampleRate)
    steering.target = decision.delay + missing
    return missing < 0.001
  }

  /// Inserts so much silence that the delay is again what it should be; false when it is too long already.
  private func resume(_ decision: inout PlaybackSteering.Decision, fill: Int, ranDry: Bool) -> Bool {
    let rate = Double(configuration.sampleRate)
    if blocksSinceStart <= Self.settlingBlocks {
      // Devices swallow what they like when they start; only what they leave then is known.
      if ranDry {
        blocksSinceStart = 1
        (least, most) = (Int.max, 0)
      }
    } else if ranDry {
      report.underruns += 1
      reserve = min(reserve + 0.004, Self.largestReserve)
      steering.target = min(steering.target + 0.004, Self.largestReserve + 0.05)
    } else {
      report.corrections += 1
    }
    let missing = Int(((steering.target - decision.delay) * rate).rounded())
    fadesIn = true
    if missing < -Int(0.008 * rate) && !ranDry { return false }
    // The tail must be heard to its end, and something must be left when the next block comes.
    let silence = max(missing, tail.count, Int(reserve * rate) - fill)
    decision.delay += Double(skip(silence)) / rate
    return true
  }

  /// Leaves a block out: the tail behind the last one is heard in its place.
  private func leaveOut(_ block: AudioBlock, _ decision: PlaybackSteering.Decision) -> Instant {
    _ = convert(block, step: decision.step)
    taken += Int64(AudioBlock.sampleCount)
    isInTail = true
    report.blocks += 1
    board.publish(report)
    return block.timestamp + .nanoseconds(Int64(decision.delay * 1e9))
  }

  private func convert(_ block: AudioBlock, step: Double) -> Int {
    let level = digitalGain
    for channel in 0..<channelCount {
      let target = scaled.channel(channel)
      _ = target.update(fromContentsOf: block.channel(min(channel, block.channelCount - 1)))
      gain[channel].target = level
      gain[channel].apply(to: target)
    }
    return resampler.convert(scaled, step: step)
  }

  private func store(_ count: Int) -> Bool {
    if fadesIn {
      for channel in 0..<channelCount where count >= tail.count { tail.fadeIn(resampler.samples(channel)) }
      fadesIn = false
    }
    let format = configuration.format
    let resampler = resampler
    let isComplete = pcm.transfer(count) { channel, memory, stride, offset, frames in
      format.store(resampler.samples(channel) + offset, count: frames, into: memory, stride: stride)
    }
    written += Int64(count)
    return isComplete
  }

  /// Writes silence. To skip wouldn't do in a device that stopped: what it hadn't played yet may still lie there.
  private func storeSilence(_ count: Int) -> Bool {
    let bytes = configuration.format.byteCount
    let isComplete = pcm.transfer(count) { _, memory, stride, _, frames in
      for frame in 0..<frames {
        (memory + frame * stride).initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      }
    }
    written += Int64(count)
    return isComplete
  }

  /// Puts the dying away of what was just written behind it, where it is heard only if nothing else comes.
  private func storeTail(_ count: Int) {
    let format = configuration.format
    let history = SoundTail.historyCount
    for channel in 0..<channelCount {
      let samples = recent + channel * history
      let new = min(count, history)
      samples.update(from: samples + new, count: history - new)
      (samples + history - new).update(from: resampler.samples(channel) + count - new, count: new)
      let ending = tail.following(samples)
      pcm.peek(tail.count) { index, memory, stride, offset, frames in
        if index == channel { format.store(ending + offset, count: frames, into: memory, stride: stride) }
      }
    }
  }

  private func skip(_ frames: Int) -> Int {
    let done = pcm.skip(frames)
    written += Int64(done)
    return done
  }

  /// Remembers how full the device is, and tells.
  private func learn(_ decision: PlaybackSteering.Decision, fill: Int) {
    if blocksSinceStart >= Self.startingBlocks {
      least = min(least, fill)
      most = max(most, fill)
    }
    blocksSinceStart += 1
    if blocksSinceStart % 1_000 == 0 {
      (report.leastFill, report.mostFill) = (least, most)
      // What came too near to silence gets more, slowly: a delay that jumps is a nuisance to the echo canceller.
      let missing = reserve - Double(least) / Double(configuration.sampleRate)
      if missing > reserve / 2 { steering.target += missing }
      (least, most) = (Int.max, 0)
    }
    report.fill = fill
    report.blocks += 1
    report.partsPerMillion = steering.sink.partsPerMillion
    report.relativePartsPerMillion =
      (steering.source.secondsPerSample * Double(steering.source.sampleRate)
        / (steering.sink.secondsPerSample * Double(steering.sink.sampleRate)) - 1) * 1e6
    report.delayNanoseconds = Int(decision.delay * 1e9)
    report.targetNanoseconds = Int(steering.target * 1e9)
    board.publish(report)
  }
}

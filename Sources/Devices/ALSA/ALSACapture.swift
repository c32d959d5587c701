import Audio
import CALSA
import Realtime
import Synchronization

/// A microphone or microphone array of ALSA.
///
/// Blocks of 10 ms at 48 kHz whatever the device's rate is, stamped by the device's own clock, which is learned. The
/// blocks follow the device's clock, not the machine's: whoever plays along follows it too. Sound lost to a late thread is
/// skipped, and the gap closed without a click.
///
/// `@unchecked Sendable`: made on one thread, then confined to the audio thread; what others may call is atomic.
public final class ALSACapture: AudioCapture, @unchecked Sendable {
  /// Longest that nothing may come from a device.
  private static let patience = Duration.milliseconds(150)

  /// Channels in every block.
  public let channelCount: Int
  /// How the device has been set.
  public let configuration: PCMConfiguration

  private let pcm: PCMHandle
  private let board = StatisticsBoard(ALSACaptureReport())
  private let lost = Atomic<Bool>(false)
  private let gainBits = Atomic<UInt32>(Float(1).bitPattern)

  // Audio thread.
  /// Which of the device's channels each of ours is.
  private let channels: [Int]
  private let resamplers: [Resampler]
  private let raw: UnsafeMutablePointer<Float>
  private let rawCapacity: Int
  private let last: AudioBlock
  private let tail = SoundTail(count: 240)
  private var clock: SampleClockEstimator
  private var report = ALSACaptureReport()
  private var gain = [GainRamp]()
  /// The device's frames read or skipped.
  private var position: Int64 = 0
  private var isRunning = false
  /// Frames to be read before the first block, which the resampler looks ahead.
  private var priming = 0
  private var hasGap = true

  /// Opens the device at `address`. Capture begins at the first `read`.
  public init(_ address: PCMAddress, _ request: PCMRequest = PCMRequest()) throws(ALSAError) {
    pcm = try PCMHandle(address, .capture, request)
    configuration = pcm.configuration
    let channels = request.channels ?? Array(0..<configuration.channelCount)
    guard !channels.isEmpty, channels.allSatisfy((0..<configuration.channelCount).contains) else {
      throw .unsupported("\(configuration.channelCount) channels, which lack some that are asked for")
    }
    self.channels = channels
    channelCount = channels.count
    let rate = configuration.sampleRate
    var resamplers: [Resampler] = []
    if rate != AudioBlock.sampleRate {
      for _ in 0..<channelCount {
        guard let resampler = Resampler(inputRate: rate, outputRate: AudioBlock.sampleRate) else {
          throw .unsupported("a rate of \(rate) Hz")
        }
        resamplers.append(resampler)
      }
    }
    self.resamplers = resamplers
    priming = resamplers.first.map { $0.lookahead + 1 } ?? 0
    rawCapacity = configuration.framesPerBlock + priming
    raw = .allocate(capacity: configuration.channelCount * rawCapacity)
    raw.initialize(repeating: 0, count: configuration.channelCount * rawCapacity)
    last = AudioBlock(channelCount: channelCount)
    clock = SampleClockEstimator(sampleRate: rate)
    gain = (0..<channelCount).map { _ in GainRamp(from: 1, to: 1) }
    report.sampleRate = rate
    report.channelCount = channelCount
  }

  deinit { raw.deallocate() }

  // MARK: Any thread

  /// What the device has done so far.
  public var currentReport: ALSACaptureReport { board.value }

  /// Whether the device is gone or given up; it won't come back as this object.
  public var isLost: Bool { lost.load(ordering: .relaxed) }

  /// Gives the device up: the next `read` throws `vanished`.
  public func giveUp() { lost.store(true, ordering: .relaxed) }

  /// Digital amplification as a factor, 0 to 16, for devices without a control of their own.
  public var digitalGain: Float {
    get { Float(bitPattern: gainBits.load(ordering: .relaxed)) }
    set { gainBits.store((newValue.isFinite ? min(16, max(0, newValue)) : 1).bitPattern, ordering: .relaxed) }
  }

  // MARK: Audio thread

  /// Waits for the next 10 ms; see `AudioCapture`.
  public func read(into block: AudioBlock) throws(AudioDeviceError) {
    let needed = configuration.framesPerBlock + priming
    var deadline: Instant?
    while true {
      let status = try look()
      if status.available > configuration.bufferSize { throw overrun(status) }
      if status.available >= needed {
        // Whoever finds the next block waiting took more than its time for the last one.
        if deadline == nil, report.blocks > 0 { report.deadlineMisses += 1 }
        break
      }
      let limit = deadline ?? MonotonicClock.now + Self.patience
      deadline = limit
      if MonotonicClock.now >= limit { throw vanish() }
      let hasCome = pcm.wait(milliseconds: Int32(Self.patience.milliseconds))
      // The first block needs more than what the device wakes for; and a device that fails must not keep the thread busy.
      if hasCome == nil || priming > 0 { MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(1)) }
    }
    guard take(needed, into: block) else { throw vanish() }
    finish(block)
  }

  /// Asks the device, starts it where it stands, and learns its clock.
  private func look() throws(AudioDeviceError) -> PCMHandle.Status {
    guard !isLost, let status = pcm.currentStatus() else { throw vanish() }
    switch status.state {
    case SND_PCM_STATE_RUNNING:
      clock.observe(position: position + Int64(status.delay), at: status.time)
      return status
    case SND_PCM_STATE_PREPARED where !isRunning:
      guard pcm.start() else { throw vanish() }
      isRunning = true
      guard let status = pcm.currentStatus() else { throw vanish() }
      return status
    case SND_PCM_STATE_DISCONNECTED:
      throw vanish()
    default:
      throw restart(status)
    }
  }

  /// Starts a device that its driver stopped, or that slept.
  private func restart(_ status: PCMHandle.Status) -> AudioDeviceError {
    if status.state == SND_PCM_STATE_SUSPENDED { report.suspensions += 1 } else { report.overruns += 1 }
    isRunning = false
    hasGap = true
    clock.restart()
    guard pcm.prepare() else { return vanish() }
    return .xrun(sampleCount: 0)
  }

  /// Skips what was overwritten, and what is left of the past, so that the next block is the newest.
  private func overrun(_ status: PCMHandle.Status) -> AudioDeviceError {
    let skipped = pcm.skip(status.available - configuration.framesPerBlock)
    guard skipped > 0 else { return vanish() }
    position += Int64(skipped)
    hasGap = true
    report.overruns += 1
    report.framesLost += skipped
    return .xrun(sampleCount: skipped * AudioBlock.sampleRate / configuration.sampleRate)
  }

  private func vanish() -> AudioDeviceError {
    lost.store(true, ordering: .relaxed)
    report.isLost = 1
    board.publish(report)
    return .vanished
  }

  /// Reads `count` frames and makes a block of them.
  private func take(_ count: Int, into block: AudioBlock) -> Bool {
    let (format, raw, capacity) = (configuration.format, raw, rawCapacity)
    let isComplete = pcm.transfer(count) { channel, memory, stride, offset, frames in
      format.load(memory, stride: stride, count: frames, into: raw + channel * capacity + offset)
    }
    guard isComplete else { return false }
    block.timestamp = clock.time(of: Double(position + Int64(priming - max(0, lookahead))))
    for channel in 0..<channelCount {
      let target = block.channel(channel)
      let source = UnsafeBufferPointer(start: raw + channels[channel] * rawCapacity, count: count)
      if resamplers.isEmpty {
        _ = target.update(fromContentsOf: source)
      } else {
        _ = resamplers[channel].convert(source, into: target)
      }
    }
    position += Int64(count)
    priming = 0
    return true
  }

  /// Frames that the resamplers hold back.
  private var lookahead: Int { resamplers.isEmpty ? 0 : resamplers[0].lookahead + 1 }

  /// Closes a gap, sets the level, and tells.
  private func finish(_ block: AudioBlock) {
    let level = digitalGain
    for channel in 0..<channelCount {
      gain[channel].target = level
      gain[channel].apply(to: block.channel(channel))
      guard let samples = block.channel(channel).baseAddress, let before = last.channel(channel).baseAddress else {
        continue
      }
      if hasGap { tail.splice(tail.following(before), into: samples) }
      before.update(from: samples, count: AudioBlock.sampleCount)
    }
    hasGap = false
    report.blocks += 1
    report.partsPerMillion = clock.partsPerMillion
    report.delayNanoseconds = Int((MonotonicClock.now - block.timestamp - AudioBlock.duration).nanoseconds)
    board.publish(report)
  }
}

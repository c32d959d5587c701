import Audio
import Realtime

/// The clock of a sound card: samples at 48 kHz as its own crystal counts them, some millionths faster or slower than
/// the machine's clock.
struct SampleClock: Sendable {
  private let origin: Instant
  private let samplesPerNanosecond: Double

  /// A clock that starts at `origin` and runs `partsPerMillion` fast (at most 1000 either way).
  init(origin: Instant, partsPerMillion: Double) {
    self.origin = origin
    let skew = partsPerMillion.isFinite ? min(max(partsPerMillion, -1_000), 1_000) : 0
    samplesPerNanosecond = Double(AudioBlock.sampleRate) * (1 + skew * 1e-6) * 1e-9
  }

  /// When sample `index` passes the converter.
  func time(of index: Int64) -> Instant {
    origin + .nanoseconds(Int64((Double(index) / samplesPerNanosecond).rounded(.up)))
  }

  /// How many samples have passed at `now`.
  func position(at now: Instant) -> Int64 {
    Int64((Double((now - origin).nanoseconds) * samplesPerNanosecond).rounded(.down))
  }
}

/// How a capture device behaves in time: a block is there when its last sample has passed; blocks wait in a buffer, and
/// when the buffer is full, sound is lost. Reads no clock.
struct CapturePacer: Sendable {
  enum Outcome: Hashable, Sendable {
    /// The block from sample `position` on, which began at `start`, is there from `ready` on.
    case block(position: Int64, start: Instant, ready: Instant)
    /// The caller came so late that this many samples are lost.
    case overrun(sampleCount: Int)
  }

  /// Samples that the buffer holds: 200 ms.
  static let capacity: Int64 = 9_600

  private var clock: SampleClock?
  private let partsPerMillion: Double
  private var position: Int64 = 0

  init(partsPerMillion: Double = 0) {
    self.partsPerMillion = partsPerMillion
  }

  /// What a caller who asks at `now` gets. The first call starts the device.
  mutating func next(at now: Instant) -> Outcome {
    let clock = self.clock ?? SampleClock(origin: now, partsPerMillion: partsPerMillion)
    self.clock = clock
    let waiting = clock.position(at: now) - position
    if waiting > Self.capacity {
      // The device starts afresh with what comes from now on, block by block.
      let block = Int64(AudioBlock.sampleCount)
      let lost = waiting / block * block
      position += lost
      return .overrun(sampleCount: Int(lost))
    }
    defer { position += Int64(AudioBlock.sampleCount) }
    return .block(
      position: position, start: clock.time(of: position),
      ready: clock.time(of: position + Int64(AudioBlock.sampleCount)))
  }
}

/// How a playback device behaves in time: it plays what is queued, and when the queue runs dry, silence is heard and the
/// device starts anew with its latency. Reads no clock.
struct PlaybackPacer: Sendable {
  enum Outcome: Hashable, Sendable {
    /// The block will be heard from `time` on; before it `silence` samples are heard (at the first block: 0).
    case queued(time: Instant)
    /// The queue ran dry and this many samples of silence were heard. The block has not been queued.
    case underrun(sampleCount: Int)
    /// The queue is full: the block is lost.
    case full
  }

  /// Samples between the queueing of the first block and its being heard: 20 ms.
  static let latency: Int64 = 960
  /// Samples that the queue holds: 200 ms.
  static let capacity: Int64 = 9_600

  private var clock: SampleClock?
  private let partsPerMillion: Double
  /// The device's sample number at which the next block will be heard.
  private var end: Int64 = 0

  init(partsPerMillion: Double = 0) {
    self.partsPerMillion = partsPerMillion
  }

  /// What becomes of a block that is queued at `now`. The first call starts the device.
  mutating func queue(at now: Instant) -> Outcome {
    guard let clock else {
      let clock = SampleClock(origin: now, partsPerMillion: partsPerMillion)
      self.clock = clock
      end = Self.latency + Int64(AudioBlock.sampleCount)
      return .queued(time: clock.time(of: Self.latency))
    }
    let position = clock.position(at: now)
    if position > end {
      let silence = position - end
      end = position + Self.latency
      return .underrun(sampleCount: Int(silence))
    }
    if end - position > Self.capacity { return .full }
    defer { end += Int64(AudioBlock.sampleCount) }
    return .queued(time: clock.time(of: end))
  }
}

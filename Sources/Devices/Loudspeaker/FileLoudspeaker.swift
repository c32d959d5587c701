import Audio
import Realtime
import Synchronization

/// A loudspeaker that keeps time and discards the sound, or writes what would be heard (silence of underruns included)
/// to a WAV file.
///
/// `@unchecked Sendable`: made on one thread, then confined to the audio thread; only `disconnect` is for all. `close` is
/// called after the audio thread has ended.
public final class FileLoudspeaker: AudioPlayback, @unchecked Sendable {
  /// Channels in every block.
  public let channelCount: Int
  /// How often the queue ran dry.
  public private(set) var underrunCount = 0
  /// Blocks that found the queue full.
  public private(set) var lostBlockCount = 0
  /// Why the file was given up while playing went on; nil when all is well.
  public private(set) var fileError: MediaFileError?

  private var writer: WAVWriter?
  private var pacer: PlaybackPacer
  private let isConnected = Atomic<Bool>(true)

  /// A loudspeaker that writes to `path`, or discards the sound without one. The device's clock runs `partsPerMillion`
  /// fast.
  public init(path: String? = nil, channelCount: Int = 1, partsPerMillion: Double = 0) throws(MediaFileError) {
    self.channelCount = min(max(channelCount, 1), 64)
    pacer = PlaybackPacer(partsPerMillion: partsPerMillion)
    if let path {
      writer = try WAVWriter(path: path, channelCount: self.channelCount, blockSampleCount: AudioBlock.sampleCount)
    }
  }

  /// Behaves from now on as a loudspeaker that was pulled out. From any thread.
  public func disconnect() {
    isConnected.store(false, ordering: .relaxed)
  }

  /// Queues a block; see `AudioPlayback`. After an underrun the caller calls again with the same block.
  public func write(_ block: AudioBlock) throws(AudioDeviceError) -> Instant {
    guard isConnected.load(ordering: .relaxed) else { throw .vanished }
    switch pacer.queue(at: MonotonicClock.now) {
    case .queued(let time):
      keep { $0 < block.channelCount ? block.channel($0) : nil }
      return time
    case .underrun(let sampleCount):
      underrunCount += 1
      // No more than a second of silence is written for a gap: a suspended machine's would be hours.
      for _ in 0..<min(sampleCount / AudioBlock.sampleCount, 100) { keep { _ in nil } }
      throw .xrun(sampleCount: sampleCount)
    case .full:
      lostBlockCount += 1
      throw .xrun(sampleCount: AudioBlock.sampleCount)
    }
  }

  /// Completes the file. Nothing is written any more.
  public func close() throws(MediaFileError) {
    if let fileError { throw fileError }
    try writer?.finish()
    writer = nil
  }

  private func keep(_ channel: (Int) -> UnsafeMutableBufferPointer<Float>?) {
    guard let writer else { return }
    do throws(MediaFileError) {
      try writer.append(count: AudioBlock.sampleCount, channel: channel)
    } catch {
      // A full disk doesn't stop the meeting.
      fileError = error
      self.writer = nil
    }
  }
}

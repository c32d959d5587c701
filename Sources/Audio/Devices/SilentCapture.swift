import Realtime

/// A microphone that hears nothing and keeps the time of the machine's clock: it stands in where there is no device, so
/// that the others are still heard.
public final class SilentCapture: AudioCapture, @unchecked Sendable {
  /// One channel.
  public let channelCount = 1
  private var next: Instant?

  /// A silent microphone, whose first block ends 10 ms after the first `read`.
  public init() {}

  /// Sleeps until the next 10 ms have passed. After a stall of more than 100 ms the missed blocks are skipped.
  public func read(into block: AudioBlock) throws(AudioDeviceError) {
    let now = MonotonicClock.now
    var start = next ?? now
    if now - start > .milliseconds(100) { start = now - AudioBlock.duration }
    MonotonicClock.sleep(until: start + AudioBlock.duration)
    block.silence()
    block.timestamp = start
    next = start + AudioBlock.duration
  }
}

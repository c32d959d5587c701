import Realtime
import Synchronization
import Video

/// A camera that shows a file (Y4M, motion JPEG, IVF with VP8 or VP9) over and over, at the file's rate.
///
/// `@unchecked Sendable`: made on one thread, then used by the capturing thread alone; only `disconnect` is for all.
public final class FileCamera: CameraSource, @unchecked Sendable {
  /// What the file holds.
  public let format: CameraFormat
  /// Pictures that were due while the caller was away.
  public private(set) var missedCount: Int64 = 0

  private let reader: any VideoFileReader
  private var pacer: FramePacer
  private let isConnected = Atomic<Bool>(true)

  /// Opens the file at `path`, whatever it is called, and looks at its beginning.
  ///
  /// `framesPerSecond` overrides the file's rate.
  public init(path: String, framesPerSecond: Double? = nil) throws(MediaFileError) {
    reader = try VideoFile.reader(path: path)
    var format = reader.format
    if let framesPerSecond { format.framesPerSecond = framesPerSecond }
    pacer = FramePacer(framesPerSecond: format.framesPerSecond)
    format.framesPerSecond = pacer.framesPerSecond
    self.format = format
    // A file that breaks off in its first picture is told of at once, not in the meeting.
    let trial = try VideoFile.reader(path: path)
    _ = try trial.next(from: VideoFramePool(capacity: 1))
  }

  /// Behaves from now on as a camera that was pulled out. From any thread.
  public func disconnect() {
    isConnected.store(false, ordering: .relaxed)
  }

  /// Waits for the next picture; see `CameraSource`.
  public func nextFrame(from pool: VideoFramePool, timeout: Duration) throws(CameraError) -> VideoFrame? {
    guard let beat = try pacer.wait(timeout: timeout, while: isConnected) else { return nil }
    missedCount += beat.missed
    do throws(MediaFileError) {
      if beat.missed > 0 { try reader.skip(beat.missed) }
      let frame = try reader.next(from: pool)
      frame?.captureTime = beat.time
      return frame
    } catch {
      throw .unreadable(error.description)
    }
  }
}

extension FramePacer {
  /// Sleeps until the next beat; nil when that is later than `timeout` from now.
  mutating func wait(timeout: Duration, while isConnected: borrowing Atomic<Bool>) throws(CameraError) -> Beat? {
    guard isConnected.load(ordering: .relaxed) else { throw .disconnected }
    let now = MonotonicClock.now
    let beat = next(at: now)
    if beat.time > now + timeout {
      MonotonicClock.sleep(until: now + timeout)
      return nil
    }
    MonotonicClock.sleep(until: beat.time)
    guard isConnected.load(ordering: .relaxed) else { throw .disconnected }
    take(beat)
    return beat
  }
}

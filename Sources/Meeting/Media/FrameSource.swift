import Realtime
import Synchronization
import Video

/// Has pictures for a tile of the screen.
protocol FrameSource: AnyObject, Sendable {
  /// The picture to show at `now`; nil for none. Called by the screen thread for every picture of the screen; must not
  /// block. The same frame comes again until there is a newer one.
  func frame(at now: Instant) -> VideoFrame?
}

/// The newest picture of a camera, as one thread gives it and another shows it.
final class LatestFrame: FrameSource {
  private let newest = Mutex<VideoFrame?>(nil)

  /// Shows `frame` from now on; nil for nothing.
  func set(_ frame: VideoFrame?) {
    newest.withLock { $0 = frame }
  }

  func frame(at now: Instant) -> VideoFrame? { newest.withLock { $0 } }
}

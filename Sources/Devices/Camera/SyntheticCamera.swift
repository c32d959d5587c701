import Realtime
import Synchronization
import Video

/// A camera that sees a `SyntheticScene`.
///
/// `@unchecked Sendable`: made on one thread, then used by the capturing thread alone; only `disconnect` is for all.
public final class SyntheticCamera: CameraSource, @unchecked Sendable {
  /// What it delivers.
  public let format: CameraFormat
  /// Pictures that were due while the caller was away.
  public private(set) var missedCount: Int64 = 0

  private let scene: SyntheticScene
  private let epoch: Instant
  private var pacer: FramePacer
  private let isConnected = Atomic<Bool>(true)

  /// A camera in front of scene `variant`. The scene shows the time since `epoch`; give the microphone the same, so
  /// that flash and beep agree.
  public init(
    format: CameraFormat = CameraFormat(width: 1_280, height: 720, framesPerSecond: 30), variant: Int = 0,
    epoch: Instant = MonotonicClock.now
  ) {
    scene = SyntheticScene(width: format.width, height: format.height, variant: variant)
    self.epoch = epoch
    pacer = FramePacer(framesPerSecond: format.framesPerSecond)
    self.format = CameraFormat(width: scene.width, height: scene.height, framesPerSecond: pacer.framesPerSecond)
  }

  /// Behaves from now on as a camera that was pulled out. From any thread.
  public func disconnect() {
    isConnected.store(false, ordering: .relaxed)
  }

  /// Waits for the next picture; see `CameraSource`.
  public func nextFrame(from pool: VideoFramePool, timeout: Duration) throws(CameraError) -> VideoFrame? {
    guard let beat = try pacer.wait(timeout: timeout, while: isConnected) else { return nil }
    missedCount += beat.missed
    guard let frame = pool.vacant(width: scene.width, height: scene.height) else { return nil }
    scene.paint(frame, at: beat.time - epoch)
    frame.captureTime = beat.time
    return frame
  }
}

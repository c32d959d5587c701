import Realtime

/// Why a camera gives no more pictures.
public enum CameraError: Error, Hashable, Sendable {
  /// The device is gone, as when a USB camera is pulled out. Look for it again.
  case disconnected
  /// The file is over and does not repeat. Nothing more will come.
  case ended
  /// The device or file gives something that cannot be understood; the text says what. Trying again will not help.
  case unreadable(String)
  /// The operating system refused; the number is its `errno`. Trying again later may help.
  case system(Int32)
}

/// What a camera delivers.
public struct CameraFormat: Hashable, Sendable {
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// Pictures per second.
  public var framesPerSecond: Double

  /// A camera's format.
  public init(width: Int, height: Int, framesPerSecond: Double) {
    self.width = width
    self.height = height
    self.framesPerSecond = framesPerSecond
  }
}

/// A camera: a device or its stand-in, which keeps time as a device does.
///
/// `Sendable` so that it can be handed to the thread that captures; all calls are made there.
public protocol CameraSource: AnyObject, Sendable {
  /// What it delivers now; single frames may still differ in size.
  var format: CameraFormat { get }

  /// Waits for the next picture, up to `timeout`, and writes it into a frame of `pool`, with the time it was captured.
  ///
  /// Gives nil when no picture came in time, so that the caller can look whether to stop, and when the pool had no
  /// vacant frame: that picture is lost. A caller that comes late gets the newest picture, not a backlog.
  func nextFrame(from pool: VideoFramePool, timeout: Duration) throws(CameraError) -> VideoFrame?
}

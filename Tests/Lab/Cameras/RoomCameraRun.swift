import Catalogue
import Glibc
import Realtime
import Testing
import Video

@testable import Devices

/// Does with a camera what the capturing thread of a meeting does: asks for pictures, over and over.
final class RoomCameraRun {
  let camera: RoomCamera
  private let pool = VideoFramePool(capacity: 5)
  /// What the picture in the meeting is: the newest that came.
  private(set) var shown: VideoFrame?
  /// The longest time between two pictures or signs.
  private(set) var longestGap = Duration.zero

  init(_ place: CameraPlace?, width: Int = 1_280, height: Int = 720) {
    camera = RoomCamera(
      format: CameraFormat(width: width, height: height, framesPerSecond: 30), language: .french)
    camera.use(place)
  }

  /// Takes pictures for `duration`, or until `condition` holds; gives the time that took, nil if it never held.
  @discardableResult
  func take(for duration: Duration, until condition: (VideoFrame) -> Bool = { _ in false }) throws -> Duration? {
    let began = MonotonicClock.now
    var last = began
    while MonotonicClock.now - began < duration {
      let frame = try camera.nextFrame(from: pool, timeout: .milliseconds(100))
      let now = MonotonicClock.now
      longestGap = max(longestGap, now - last)
      guard let frame else { continue }
      shown = frame
      last = now
      if condition(frame) { return now - began }
    }
    return nil
  }

  /// Takes pictures until the status is `condition` and something is shown that is, or isn't, the camera's picture.
  func take(for duration: Duration, until condition: RoomCamera.Condition) throws -> Duration? {
    try take(for: duration) { _ in camera.status.condition == condition }
  }

  func forgetGap() { longestGap = .zero }
}

/// Descriptors of this process that are open.
func openDescriptors() -> Int {
  guard let directory = opendir("/proc/self/fd") else { return -1 }
  defer { closedir(directory) }
  var count = 0
  while readdir(directory) != nil { count += 1 }
  return count
}

import Realtime
import Synchronization
import Video

@testable import Meeting

/// A camera that gives a picture when the test says so. The test and the camera thread take turns: `give` returns when
/// the thread has done all it does with the picture.
final class StubCamera: CameraSource, Sendable {
  struct Picture: Sendable {
    var time: Instant
    var width = 640
    var height = 360
    var luma: UInt8 = 100
  }

  let format = CameraFormat(width: 640, height: 360, framesPerSecond: 30)
  private let next = Mutex<Result<Picture, CameraError>?>(nil)
  private let isOver = Atomic<Bool>(false)
  private let isAsking = ThreadSignal()
  private let mayGoOn = ThreadSignal()

  func nextFrame(from pool: VideoFramePool, timeout: Duration) throws(CameraError) -> VideoFrame? {
    isAsking.raise()
    if isOver.load(ordering: .acquiring) { return nil }
    mayGoOn.wait()
    guard let result = next.withLock({ $0 }) else { return nil }
    next.withLock { $0 = nil }
    let picture = try result.get()
    guard let frame = pool.vacant(width: picture.width, height: picture.height) else { return nil }
    frame.fill(y: picture.luma, u: 128, v: 128)
    // A pattern: what is cut off and what is scaled can be told.
    for row in 0..<picture.height {
      for column in 0..<picture.width / 8 { frame.y[row * frame.strideY + column] = 235 }
    }
    frame.captureTime = picture.time
    return frame
  }

  /// Waits until the thread asks for a picture.
  func awaitQuestion() { isAsking.wait() }

  /// Answers the question that the thread has asked, without waiting for the next.
  func answer(_ result: Result<Picture, CameraError>?) {
    next.withLock { $0 = result }
    mayGoOn.raise()
  }

  /// Gives a picture, and waits until the thread asks for another.
  func give(_ picture: Picture) {
    answer(.success(picture))
    awaitQuestion()
  }

  /// Lets the thread go wherever it wants.
  func finish() {
    isOver.store(true, ordering: .releasing)
    answer(nil)
  }
}

import Devices
import Realtime
import Synchronization
import Video

/// How long it takes from a camera's time stamp until its picture is on the screen: the room's own picture, large, as the
/// only one. One thread captures, another composes, as in a meeting.
struct SelfViewBenchmark {
  /// Milliseconds from time stamp to page flip, sorted.
  let delays: [Double]
  /// Milliseconds from one picture of the camera to the next.
  let framePeriod: Double

  /// The newest picture, between the threads.
  private final class Latest: Sendable {
    let frame = Mutex<VideoFrame?>(nil)
  }

  /// Measures for `seconds`.
  init(node: String, seconds: Int) throws {
    let camera = try V4L2Camera(node: node, wish: CameraFormat(width: 1_920, height: 1_080, framesPerSecond: 30))
    framePeriod = 1_000 / max(camera.format.framesPerSecond, 1)
    let screen = KMSScreen()
    defer { screen.close() }
    if let fault = screen.status.fault { throw fault }
    let latest = Latest()
    let capturing = try RealtimeThread(name: "camera", priority: nil) { context in
      let pool = VideoFramePool(capacity: 5)
      while !context.shouldStop {
        guard let frame = try? camera.nextFrame(from: pool, timeout: .milliseconds(100)) else { continue }
        latest.frame.withLock { $0 = frame }
      }
    }
    defer { capturing.stop() }
    delays = try Self.show(latest, on: screen, seconds: seconds).sorted()
  }

  private static func show(_ latest: Latest, on screen: KMSScreen, seconds: Int) throws -> [Double] {
    let mode = screen.mode
    let canvas = Canvas(width: mode.width, height: mode.height)
    let compositor = Compositor(width: mode.width, height: mode.height)
    let id = TileID(1)
    var layout = Layout()
    compositor.update(
      layout.arrange([LayoutCandidate(id: id, isSelf: true)], speaker: nil, width: mode.width, height: mode.height),
      models: [TileModel(id: id, label: "Salle")])
    var delays: [Double] = []
    var shown: VideoFrame?
    let end = MonotonicClock.now + .seconds(seconds)
    while MonotonicClock.now < end {
      let frame = latest.frame.withLock { $0 }
      let isNew = frame !== shown
      if isNew { compositor.setFrame(frame, for: id) }
      shown = frame
      let blank = try screen.present(canvas, damage: compositor.compose(into: canvas))
      if isNew, let frame { delays.append((blank - frame.captureTime).seconds * 1_000) }
    }
    // The first ones wait for the screen's mode.
    return Array(delays.dropFirst(5))
  }
}

import Realtime
import Video

/// Looks whether a camera delivers: takes pictures for some seconds, and measures them.
public enum CameraCheck {
  /// Takes pictures of the camera at `node` for `seconds`.
  /// - Parameter path: a PNG file to write the last picture to; nil for none.
  /// - Throws: `CameraError`, or `MediaFileError` if the picture can't be written.
  public static func run(node: String, seconds: Int, picture path: String? = nil) throws -> DeviceFinding {
    let camera = try V4L2Camera(node: node, wish: CameraInventory.wish)
    let pool = VideoFramePool(capacity: 3)
    var times: [Instant] = []
    var last: VideoFrame?
    let end = MonotonicClock.now + .seconds(seconds)
    while MonotonicClock.now < end {
      guard let frame = try camera.nextFrame(from: pool, timeout: .milliseconds(200)) else { continue }
      times.append(frame.captureTime)
      last = frame
    }
    guard let last, times.count > 1 else { return DeviceFinding([.init(.rate, 0, isGood: false)]) }
    if let path {
      let canvas = Canvas(width: last.width, height: last.height)
      canvas.draw(last)
      try canvas.writePNG(to: path)
    }
    let duration = (times[times.count - 1] - times[0]).seconds
    let rate = duration > 0 ? Double(times.count - 1) / duration : 0
    let gap = zip(times, times.dropFirst()).map { ($1 - $0).seconds * 1_000 }.max() ?? 0
    let brightness = brightness(of: last)
    let faults = camera.statistics.faulty + camera.statistics.broken
    return DeviceFinding([
      .init(.width, Double(last.width)), .init(.height, Double(last.height)),
      .init(.rate, rate, isGood: rate > 14), .init(.longestGap, gap, isGood: gap < 200),
      // A lens cap, or a lamp in the lens.
      .init(.brightness, brightness, isGood: (20...230).contains(brightness)),
      .init(.faults, Double(faults), isGood: faults * 50 < times.count),
    ])
  }

  private static func brightness(of frame: VideoFrame) -> Double {
    var sum = 0
    for row in 0..<frame.height {
      let line = frame.y + row * frame.strideY
      for column in 0..<frame.width { sum += Int(line[column]) }
    }
    return Double(sum) / Double(max(frame.width * frame.height, 1))
  }
}

import Realtime

/// Lets through at most a given number of pictures per second, evenly spaced, by their capture times.
struct FrameRateLimiter {
  /// Pictures per second.
  var framesPerSecond: Double
  private var next = Instant(nanoseconds: .min)

  init(framesPerSecond: Double) {
    self.framesPerSecond = framesPerSecond
  }

  /// Whether the picture of `captureTime` is to be encoded.
  mutating func admits(_ captureTime: Instant) -> Bool {
    let interval = Duration.nanoseconds(Int64(1e9 / max(framesPerSecond, 0.1)))
    // A picture up to half an interval early counts as due: cameras jitter. One that is far too early tells that the
    // camera's clock or the rate has changed.
    if captureTime + interval / 2 < next && next < captureTime + interval * 2 { return false }
    let late = next + interval < captureTime || next > captureTime + interval
    next = late ? captureTime + interval : next + interval
    return true
  }
}

import CYUV
import Realtime
import Video

/// What pictures cost on this machine: decides whether a 4K display is driven at 2160p.
public enum KMSCost {
  /// Below this the clock says nothing (it may be a virtual one).
  private static let leastTime = Duration.microseconds(200)

  /// How many pixels a second one processor converts from a video picture and copies to where they are scanned out, as
  /// for a display full of video; nil when it can't be told. Takes some milliseconds.
  public static func pixelRate() -> Double? {
    let frame = VideoFrame(width: 1_280, height: 720)
    frame.fill(y: 100, u: 90, v: 160)
    let canvas = Canvas(width: frame.width, height: frame.height)
    let target = Canvas(width: frame.width, height: frame.height)
    var best = Duration.seconds(1_000)
    // The quickest of some: the others were interrupted, or found the memory cold.
    for _ in 0..<5 {
      let began = MonotonicClock.now
      I420ToARGBMatrix(
        frame.y, Int32(frame.strideY), frame.u, Int32(frame.strideUV), frame.v, Int32(frame.strideUV), canvas.pixels,
        Int32(canvas.stride), salle_yuv_bt601(), Int32(frame.width), Int32(frame.height))
      target.pixels.update(from: canvas.pixels, count: canvas.stride * canvas.height)
      best = min(best, MonotonicClock.now - began)
    }
    guard best > leastTime else { return nil }
    return Double(frame.width * frame.height) / best.seconds
  }
}

extension KMSModePolicy {
  /// What this machine can afford: the display's own resolution, but no more pixels than `share` of one processor brings
  /// to it; 1080p at 60 Hz in any case.
  /// - Parameter pixelRate: what one processor can (`KMSCost.pixelRate`); nil when that isn't known.
  public static func affordable(_ pixelRate: Double?, share: Double = 0.4) -> KMSModePolicy {
    KMSModePolicy(pixelRateLimit: max(fullHD, (pixelRate ?? 0) * share))
  }
}

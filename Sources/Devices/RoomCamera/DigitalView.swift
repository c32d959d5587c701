#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Realtime
import Video

/// Pan, tilt and zoom of a camera without motors: which part of its picture is shown.
///
/// It moves as a good motor does, neither starting nor stopping with a jerk: a critically damped spring follows the
/// wish. A pure function of the commands and the times it is asked at.
struct DigitalView {
  /// At most a quarter of width and height is shown: a 1080p camera then still gives 480 × 270.
  static let maximumFactor = 4.0
  /// The spring's time constant, seconds: 90 % of a move are done after four of them.
  private static let timeConstant = 0.15
  /// Nearer than this it has arrived: a quarter of a pixel of 2160p.
  private static let tolerance = 1.0 / 16_384

  private struct Axis {
    var value = 0.0
    var velocity = 0.0

    /// Moves on towards `target` for `seconds` (the exact solution of the critically damped spring).
    mutating func follow(_ target: Double, _ seconds: Double) {
      let rate = 1 / DigitalView.timeConstant
      let distance = value - target
      let push = velocity + rate * distance
      let decay = exp(-rate * seconds)
      value = target + (distance + push * seconds) * decay
      velocity = (velocity - rate * push * seconds) * decay
      if abs(value - target) < DigitalView.tolerance && abs(velocity) < DigitalView.tolerance {
        value = target
        velocity = 0
      }
    }
  }

  /// Where it is going.
  private(set) var target = CameraView.home
  private var speed: CameraView?
  private var (pan, tilt, zoom) = (Axis(), Axis(), Axis())
  private var time: Instant?

  /// Where it is.
  var position: CameraView { CameraView(pan: pan.value, tilt: tilt.value, zoom: zoom.value).clamped }

  mutating func obey(_ movement: CameraMovement) {
    speed = nil
    switch movement {
    case .to(let view): target = view.clamped
    case .by(let step):
      target =
        CameraView(pan: target.pan + step.pan, tilt: target.tilt + step.tilt, zoom: target.zoom + step.zoom)
        .clamped
    case .drive(let wish): speed = wish
    case .stop: target = position
    }
  }

  /// The part of a picture of `width` × `height` to show at `now`, with even edges and of the same proportions; nil for
  /// all of it.
  mutating func part(width: Int, height: Int, at now: Instant) -> PixelRectangle? {
    advance(to: now)
    let view = position
    guard view.zoom > 0, width >= 64, height >= 64 else { return nil }
    // Equal steps look equal when each multiplies the size.
    let factor = exp(view.zoom * log(Self.maximumFactor))
    func even(_ value: Double) -> Int { Int(value.rounded()) & ~1 }
    let partWidth = max(even(Double(width) / factor), 16)
    let partHeight = max(even(Double(height) / factor), 16)
    if partWidth >= width & ~1 && partHeight >= height & ~1 { return nil }
    return PixelRectangle(
      x: even(Double(width - partWidth) * (1 + view.pan) / 2),
      y: even(Double(height - partHeight) * (1 - view.tilt) / 2),
      width: partWidth, height: partHeight)
  }

  private mutating func advance(to now: Instant) {
    let seconds = time.map { min(max((now - $0).seconds, 0), 1) } ?? 0
    time = now
    if let speed {
      target =
        CameraView(
          pan: target.pan + speed.pan * seconds, tilt: target.tilt + speed.tilt * seconds,
          zoom: target.zoom + speed.zoom * seconds
        ).clamped
    }
    pan.follow(target.pan, seconds)
    tilt.follow(target.tilt, seconds)
    zoom.follow(target.zoom, seconds)
  }
}

import Realtime
import Video

/// Looks whether a screen shows what it is given.
public enum ScreenCheck {
  /// Shows colour bars for `seconds`, counts the page flips, and compares what is scanned out with what was drawn.
  /// - Parameter display: which; nil for the first that is plugged in.
  /// - Throws: `KMSError` or `ScreenError` when the screen can't be driven.
  public static func run(_ display: KMSDisplayID?, seconds: Int) throws -> DeviceFinding {
    let screen = KMSScreen(display.map { .display($0) } ?? .first)
    defer { screen.close() }
    if let fault = screen.status.fault { throw fault }
    let mode = screen.mode
    let canvas = Canvas(width: mode.width, height: mode.height)
    canvas.drawColorBars()
    var damage = Damage()
    damage.add(canvas.bounds)
    let began = MonotonicClock.now
    var times: [Instant] = []
    while MonotonicClock.now - began < .seconds(seconds) {
      times.append(try screen.present(canvas, damage: times.isEmpty ? damage : Damage()))
    }
    let duration = times.count > 1 ? (times[times.count - 1] - times[0]).seconds : 0
    let rate = duration > 0 ? Double(times.count - 1) / duration : 0
    let identical = 100 * canvas.partIdentical(to: try screen.screenshot())
    return DeviceFinding([
      .init(.width, Double(mode.width)), .init(.height, Double(mode.height)),
      .init(.rate, rate, isGood: abs(rate - mode.refreshRate) < 0.05 * mode.refreshRate),
      .init(.identical, identical, isGood: identical > 99.9),
    ])
  }
}

extension Canvas {
  /// Draws eight bars: white, yellow, cyan, green, magenta, red, blue, black; below them a ramp of grey.
  func drawColorBars() {
    let colors: [UInt32] = [0xFFFFFF, 0xFFFF00, 0x00FFFF, 0x00FF00, 0xFF00FF, 0xFF0000, 0x0000FF, 0x000000]
    for row in 0..<height {
      let line = UnsafeMutableRawPointer(pixels + row * stride).assumingMemoryBound(to: UInt32.self)
      for column in 0..<width {
        let gray = UInt32(column * 255 / max(width - 1, 1))
        line[column] = row < height * 3 / 4 ? colors[column * 8 / width] : gray << 16 | gray << 8 | gray
      }
    }
  }

  /// The part of the pixels, 0 to 1, that are the same in `other`.
  func partIdentical(to other: Canvas) -> Double {
    guard other.width == width, other.height == height else { return 0 }
    var same = 0
    for y in 0..<height {
      for x in 0..<width where pixel(x: x, y: y) == other.pixel(x: x, y: y) { same += 1 }
    }
    return Double(same) / Double(max(width * height, 1))
  }
}

import Realtime
import Testing
import Video

@testable import Devices

@Suite("The room's view on a screen")
struct RoomViewScreenTests {
  private let screen = HeadlessScreen(mode: ScreenMode(width: 640, height: 360, refreshRate: 60))

  private static func view(_ name: String) -> RoomView {
    var view = RoomView()
    view.name = name
    view.time = "14:05"
    return view
  }

  private func picture() -> Canvas {
    let canvas = Canvas(width: 640, height: 360)
    screen.copyPicture(to: canvas)
    return canvas
  }

  private static func painted(_ view: RoomView) -> Canvas {
    let canvas = Canvas(width: 640, height: 360)
    RoomViewPainter().paint(view, into: canvas)
    return canvas
  }

  private static func areEqual(_ left: Canvas, _ right: Canvas) -> Bool {
    for y in 0..<left.height {
      for x in 0..<left.width where left.pixel(x: x, y: y) != right.pixel(x: x, y: y) { return false }
    }
    return true
  }

  /// Waits until the screen shows `view`; whether it does within five seconds.
  private func shows(_ view: RoomView) -> Bool {
    let wanted = Self.painted(view)
    let end = MonotonicClock.now + .seconds(5)
    while MonotonicClock.now < end {
      if Self.areEqual(picture(), wanted) { return true }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(5))
    }
    return false
  }

  @Test("each view is shown, and after it was hidden the screen belongs to others")
  func shown() throws {
    let views = try RoomViewScreen(screen)
    defer { views.stop() }
    views.show(Self.view("Rivoli"))
    #expect(shows(Self.view("Rivoli")))
    views.show(Self.view("Bercy"))
    #expect(shows(Self.view("Bercy")))
    views.hide()
    let white = Canvas(width: 640, height: 360)
    for y in 0..<360 { for x in 0..<640 * 4 { white.pixels[y * white.stride + x] = 255 } }
    var damage = Damage()
    damage.add(white.bounds)
    for _ in 0..<15 { try screen.present(white, damage: damage) }
    #expect(Self.areEqual(picture(), white))
    // The same view again is painted anew: meanwhile the screen showed something else.
    views.show(Self.view("Bercy"))
    #expect(shows(Self.view("Bercy")))
  }

  @Test("what doesn't change isn't painted again")
  func unchanged() {
    var worker = RoomViewScreen.Worker(screen: screen)
    for _ in 0..<5 { worker.step(Self.view("Rivoli")) }
    #expect(screen.sequence == 1)
    worker.step(Self.view("Bercy"))
    #expect(screen.sequence == 2)
    // While nothing is to be shown others may have had the screen.
    worker.step(nil)
    worker.step(Self.view("Bercy"))
    #expect(screen.sequence == 3)
  }

  @Test("without a display nothing is shown, and nothing breaks")
  func disconnected() {
    var worker = RoomViewScreen.Worker(screen: screen)
    screen.disconnect()
    worker.step(Self.view("Rivoli"))
    #expect(screen.sequence == 0)
  }
}

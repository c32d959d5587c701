import Realtime
import Synchronization
import Testing
import Video

@testable import Meeting

/// A screen whose vertical blanks come when the test says so.
private final class StubScreen: ScreenSink, Sendable {
  enum Answer: Sendable {
    case blank
    case failure(ScreenError)
    case newMode(ScreenMode)
  }

  struct Seen: Sendable {
    var pixel: UInt32?
    var isDamaged = false
    var width = 0
  }

  private let current = Mutex(ScreenMode(width: 320, height: 180, refreshRate: 60))
  private let answer = Mutex<Answer>(.blank)
  private let isOver = Atomic<Bool>(false)
  private let count = Atomic<Int64>(0)
  private let isAsking = ThreadSignal()
  private let mayGoOn = ThreadSignal()
  private let last = Mutex(Seen())

  var mode: ScreenMode { current.withLock { $0 } }

  func present(_ canvas: Canvas, damage: Damage) throws(ScreenError) -> Instant {
    let pixel = canvas.pixel(x: canvas.width / 2, y: canvas.height / 2)
    last.withLock { $0 = Seen(pixel: pixel, isDamaged: !damage.isEmpty, width: canvas.width) }
    isAsking.raise()
    if !isOver.load(ordering: .acquiring) { mayGoOn.wait() }
    switch answer.withLock({ $0 }) {
    case .blank: break
    case .failure(let error): throw error
    case .newMode(let mode):
      current.withLock { $0 = mode }
      throw .modeChanged
    }
    let index = count.wrappingAdd(1, ordering: .relaxed).newValue
    return Instant(nanoseconds: index * 16_666_667)
  }

  /// What is being presented; the thread waits for the blank.
  func next() -> Seen {
    isAsking.wait()
    return last.withLock { $0 }
  }

  /// The blank comes, and the next picture is composed.
  func blank(_ answer: Answer = .blank) -> Seen {
    self.answer.withLock { $0 = answer }
    mayGoOn.raise()
    return next()
  }

  func finish() {
    isOver.store(true, ordering: .releasing)
    answer.withLock { $0 = .blank }
    mayGoOn.raise()
  }
}

/// The same with planes for video, as many as the test says.
private final class LayeringStub: LayeringScreen, Sendable {
  let stub = StubScreen()
  private let planes = Atomic<Int>(1)
  private let lumas = Mutex<[UInt8]>([])

  var mode: ScreenMode { stub.mode }
  var layerCount: Int { planes.load(ordering: .acquiring) }

  func present(_ canvas: Canvas, damage: Damage) throws(ScreenError) -> Instant {
    try present(canvas, damage: damage, video: [])
  }

  func present(_ canvas: Canvas, damage: Damage, video: [VideoLayer]) throws(ScreenError) -> Instant {
    lumas.withLock { $0 = video.map { $0.frame.y[0] } }
    return try stub.present(canvas, damage: damage)
  }

  func lose() { planes.store(0, ordering: .releasing) }

  /// The brightness of the layers presented last.
  var shown: [UInt8] { lumas.withLock { $0 } }
}

@Suite("Screen presenter", .serialized)
struct ScreenPresenterTests {
  private let tile = TileID(1)

  private func scene(_ source: (any FrameSource)?, width: Int = 320, height: Int = 180) -> Scene {
    let whole = PixelRectangle(x: 0, y: 0, width: width, height: height)
    return Scene(
      arrangement: Arrangement(tiles: [PlacedTile(id: tile, role: .main, rectangle: whole)]),
      tiles: [TileModel(id: tile, label: "")], sources: source.map { [tile: $0] } ?? [:])
  }

  private func picture(_ luma: UInt8) -> VideoFrame {
    let frame = VideoFrame(width: 320, height: 180)
    frame.fill(y: luma, u: 128, v: 128)
    return frame
  }

  @Test("a scene is shown with the next blank, and only what changes is composed")
  func presenting() async throws {
    let screen = StubScreen()
    let presenter = ScreenPresenter(screen: screen)
    try presenter.start()
    _ = screen.next()
    let source = LatestFrame()
    source.set(picture(235))
    presenter.show(scene(nil))
    presenter.show(scene(source))
    let first = screen.blank()
    #expect(first.isDamaged)
    #expect(first.pixel == 0xFFFFFF)
    #expect(!screen.blank().isDamaged)
    source.set(picture(16))
    let second = screen.blank()
    #expect(second.isDamaged)
    #expect(second.pixel == 0)
    #expect(!screen.blank().isDamaged)
    // Another source that has nothing yet doesn't keep the old one's picture.
    presenter.show(scene(LatestFrame()))
    #expect(screen.blank().pixel != 0)
    screen.finish()
    await presenter.stop()
    #expect(isThreadGone("screen"))
    #expect(presenter.statistics.presented >= 5)
    #expect(presenter.statistics.composed >= 3)
  }

  @Test("another display mode is composed for, and control is told")
  func modeChange() async throws {
    let screen = StubScreen()
    let told = Told()
    let presenter = ScreenPresenter(screen: screen) { mode in told.mode.withLock { $0 = mode } }
    try presenter.start()
    _ = screen.next()
    let source = LatestFrame()
    source.set(picture(235))
    presenter.show(scene(source, width: 640, height: 360))
    #expect(screen.blank().pixel == 0xFFFFFF)
    let mode = ScreenMode(width: 640, height: 360, refreshRate: 50)
    let seen = screen.blank(.newMode(mode))
    #expect(seen.width == 640)
    #expect(seen.pixel == 0xFFFFFF)
    #expect(told.mode.withLock { $0 } == mode)
    #expect(presenter.mode == mode)
    screen.finish()
    await presenter.stop()
  }

  private final class Told: Sendable { let mode = Mutex<ScreenMode?>(nil) }

  @Test("a screen that is unplugged and comes back shows everything again")
  func unplugged() async throws {
    let screen = StubScreen()
    let presenter = ScreenPresenter(screen: screen)
    try presenter.start()
    _ = screen.next()
    #expect(!screen.blank().isDamaged)
    for _ in 0..<2 { #expect(screen.blank(.failure(.disconnected)).isDamaged) }
    #expect(presenter.statistics.disconnections == 1)
    let presented = presenter.statistics.presented
    #expect(!screen.blank().isDamaged)
    #expect(presenter.statistics.presented == presented + 1)
    screen.finish()
    await presenter.stop()
    #expect(isThreadGone("screen"))
  }

  @Test("a large picture is left to a screen that can show it, and composed when it can no longer")
  func layering() async throws {
    let screen = LayeringStub()
    let presenter = ScreenPresenter(screen: screen)
    try presenter.start()
    _ = screen.stub.next()
    let source = LatestFrame()
    source.set(picture(235))
    presenter.show(scene(source))
    #expect(screen.stub.blank().pixel != 0xFFFFFF)
    #expect(screen.shown == [235])
    source.set(picture(16))
    #expect(!screen.stub.blank().isDamaged)
    #expect(screen.shown == [16])
    let composed = presenter.statistics.composed
    #expect(!screen.stub.blank().isDamaged)
    #expect(screen.shown == [16])
    #expect(presenter.statistics.composed == composed + 1)
    // While it is gone, all that is to be seen is handed to it again and again.
    let again = screen.stub.blank(.failure(.disconnected))
    #expect(again.isDamaged && screen.shown == [16])
    screen.lose()
    #expect(screen.stub.blank().pixel == 0)
    #expect(screen.shown.isEmpty)
    screen.stub.finish()
    await presenter.stop()
  }
}

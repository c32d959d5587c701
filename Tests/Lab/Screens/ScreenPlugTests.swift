import CDRM
import Devices
import Glibc
import Realtime
import Testing
import Video

/// Cards that are put together for each test: displays that come and go, two of them, and other programs.
@Suite(.lab("screens"), .serialized) struct ScreenPlugTests {
  private static func settings(_ width: Int, _ height: Int) -> KMSSettings {
    KMSSettings(modes: KMSModePolicy(size: .init(width: width, height: height)))
  }

  /// Presents until it works, as the screen's thread does: retries while there is no display, and takes over new modes.
  private static func presentUntilShown(_ screen: KMSScreen, seed: UInt64, attempts: Int = 100) throws -> Canvas {
    for _ in 0..<attempts {
      let mode = screen.mode
      let canvas = ScreenPicture.noise(width: mode.width, height: mode.height, seed: seed)
      do throws(ScreenError) {
        try screen.present(canvas, damage: ScreenPicture.damage(canvas.bounds))
        return canvas
      } catch .modeChanged {
        continue
      } catch {
        MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(100))
      }
    }
    throw LabError(what: "the screen doesn't come back", code: 0)
  }

  @Test func waitsForDisplay() throws {
    let card = try ConfiguredCard("none", plugs: [.disconnected])
    defer { card.remove() }
    let screen = KMSScreen(settings: Self.settings(800, 600))
    defer { screen.close() }
    let canvas = Canvas(width: 64, height: 48)
    #expect(throws: ScreenError.disconnected) { try screen.present(canvas, damage: Damage()) }
    #expect(screen.status.fault == .disconnected && screen.status.display == nil)

    try card.plug(.connected, head: 0)
    screen.devicesChanged()
    // It is told once of the size that it composes for from now on.
    #expect(throws: ScreenError.modeChanged) { try screen.present(canvas, damage: Damage()) }
    #expect(screen.mode.width == 800 && screen.mode.height == 600)
    let shown = try Self.presentUntilShown(screen, seed: 1, attempts: 1)
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), shown) == 0)
  }

  @Test func survivesUnplugging() throws {
    let card = try ConfiguredCard("unplugged", plugs: [.connected])
    defer { card.remove() }
    let screen = KMSScreen(settings: Self.settings(800, 600))
    defer { screen.close() }
    let canvas = try Self.presentUntilShown(screen, seed: 2, attempts: 2)
    try card.plug(.disconnected, head: 0)
    screen.devicesChanged()
    let whole = ScreenPicture.damage(canvas.bounds)
    for _ in 0..<5 { #expect(throws: ScreenError.disconnected) { try screen.present(canvas, damage: whole) } }
    try card.plug(.connected, head: 0)
    let began = MonotonicClock.now
    screen.devicesChanged()
    // The same size again: nothing but the picture.
    try screen.present(canvas, damage: Damage())
    #expect((MonotonicClock.now - began).seconds < 0.1)
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), canvas) == 0)
  }

  /// A controller that doesn't tell of changes is asked from time to time.
  @Test func findsDisplayWithoutBeingTold() throws {
    let card = try ConfiguredCard("silent", plugs: [.disconnected])
    defer { card.remove() }
    let screen = KMSScreen(settings: Self.settings(800, 600))
    defer { screen.close() }
    try card.plug(.connected, head: 0)
    let began = MonotonicClock.now
    _ = try Self.presentUntilShown(screen, seed: 3)
    #expect((MonotonicClock.now - began).seconds < 2.5)
  }

  @Test func takesOtherMode() throws {
    let card = try ConfiguredCard("modes", plugs: [.connected])
    defer { card.remove() }
    let screen = KMSScreen(settings: Self.settings(800, 600))
    defer { screen.close() }
    let canvas = try Self.presentUntilShown(screen, seed: 4, attempts: 2)
    screen.apply(Self.settings(1_280, 720))
    #expect(throws: ScreenError.modeChanged) { try screen.present(canvas, damage: Damage()) }
    #expect(screen.mode == ScreenMode(width: 1_280, height: 720, refreshRate: 60))
    let larger = try Self.presentUntilShown(screen, seed: 5, attempts: 1)
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), larger) == 0)
  }

  @Test func drivesTwoScreensAndSwapsThem() throws {
    let card = try ConfiguredCard("two", plugs: [.connected, .connected])
    defer { card.remove() }
    let people = KMSScreen(settings: Self.settings(1_024, 768))
    let content = KMSScreen(settings: Self.settings(800, 600))
    defer {
      people.close()
      content.close()
    }
    let names = KMSDisplays.enumerate().map(\.id)
    #expect(people.status.display == names[0] && content.status.display == names[1])
    var pictures = [
      try Self.presentUntilShown(people, seed: 6, attempts: 2),
      try Self.presentUntilShown(content, seed: 7, attempts: 2),
    ]
    #expect(ScreenPicture.differences(try people.screenshot(.writeBack), pictures[0]) == 0)
    #expect(ScreenPicture.differences(try content.screenshot(.writeBack), pictures[1]) == 0)

    people.select(.display(names[1]))
    content.select(.display(names[0]))
    let empty = Canvas(width: 8, height: 8)
    // The first waits until the second has left.
    #expect(throws: ScreenError.disconnected) { try people.present(empty, damage: Damage()) }
    let began = MonotonicClock.now
    _ = try Self.presentUntilShown(content, seed: 8)
    pictures[0] = try Self.presentUntilShown(people, seed: 9)
    pictures[1] = try Self.presentUntilShown(content, seed: 8)
    #expect((MonotonicClock.now - began).seconds < 0.2)
    #expect(people.status.display == names[1] && content.status.display == names[0])
    #expect(ScreenPicture.differences(try people.screenshot(.writeBack), pictures[0]) == 0)
    #expect(ScreenPicture.differences(try content.screenshot(.writeBack), pictures[1]) == 0)
  }

  /// People come first: content gets a screen when there are two, and gives it back when there is one.
  @Test func leavesLastScreenToPeople() throws {
    let card = try ConfiguredCard("spare", plugs: [.disconnected, .connected])
    defer { card.remove() }
    let names = KMSDisplays.enumerate().map(\.id)
    let people = KMSScreen(settings: Self.settings(800, 600))
    let content = KMSScreen(.additional, settings: Self.settings(640, 480))
    defer {
      content.close()
      people.close()
    }
    func plug(_ plug: ConfiguredCard.Plug, head: Int) throws {
      try card.plug(plug, head: head)
      content.devicesChanged()
      people.devicesChanged()
      // Both screens' threads come round twice.
      for _ in 0..<3 {
        for screen in [content, people] {
          let canvas = Canvas(width: screen.mode.width, height: screen.mode.height)
          do throws(ScreenError) { try screen.present(canvas, damage: Damage()) } catch {}
        }
      }
    }
    #expect(people.status.display == names[1] && content.status.display == nil)
    try plug(.connected, head: 0)
    #expect(people.status.display == names[1] && content.status.display == names[0])
    try plug(.disconnected, head: 1)
    #expect(people.status.display == names[0] && content.status.display == nil)
    let shown = try Self.presentUntilShown(people, seed: 30, attempts: 2)
    #expect(ScreenPicture.differences(try people.screenshot(.writeBack), shown) == 0)
    try plug(.connected, head: 1)
    #expect(people.status.display == names[0] && content.status.display == names[1])
    // No screen at all, then one: whoever looks first, it is for people.
    try plug(.disconnected, head: 0)
    try plug(.disconnected, head: 1)
    #expect(people.status.display == nil && content.status.display == nil)
    try plug(.connected, head: 0)
    #expect(people.status.display == names[0] && content.status.display == nil)
  }

  /// Two threads on one card: each gets its own flips.
  @Test func pacesTwoScreensAtOnce() throws {
    let card = try ConfiguredCard("threads", plugs: [.connected, .connected])
    defer { card.remove() }
    let screens = [KMSScreen(settings: Self.settings(640, 480)), KMSScreen(settings: Self.settings(800, 600))]
    defer { for screen in screens { screen.close() } }
    let threads = screens.enumerated().map { index, screen in
      PresentingThread(screen: screen, count: 100, seed: UInt64(index))
    }
    for thread in threads { thread.join() }
    for thread in threads {
      let expected = 1_000 / thread.screen.mode.refreshRate
      #expect(thread.failure == nil && thread.times.count == 100)
      let intervals = zip(thread.times, thread.times.dropFirst()).map { ($1 - $0).milliseconds }
      #expect(intervals.allSatisfy { abs($0 - expected) < 0.002 }, "\(intervals)")
    }
  }

  @Test func saysThatAnotherProgramIsMaster() throws {
    let card = try ConfiguredCard("busy", plugs: [.connected])
    defer { card.remove() }
    let path = try #require(KMSCard.paths.first)
    let other = open(path, O_RDWR | O_CLOEXEC)
    #expect(drmIsMaster(other) == 1)
    let screen = KMSScreen(settings: Self.settings(800, 600))
    defer { screen.close() }
    let canvas = Canvas(width: 800, height: 600)
    #expect(throws: ScreenError.system(EBUSY)) { try screen.present(canvas, damage: Damage()) }
    #expect(screen.status.fault == .busy(path: path))
    #expect(screen.status.fault?.description.contains("DRM master") == true)
    close(other)
    screen.devicesChanged()
    let shown = try Self.presentUntilShown(screen, seed: 10, attempts: 2)
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), shown) == 0)
  }

  /// What stood on the screen before, a boot picture say, stands there again afterwards.
  @Test func putsBackWhatWasThere() throws {
    let card = try ConfiguredCard("restored", plugs: [.connected])
    defer { card.remove() }
    let path = try #require(KMSCard.paths.first)
    let before = KMSScreen(settings: Self.settings(1_024, 768))
    _ = try Self.presentUntilShown(before, seed: 11, attempts: 2)
    // A program that leaves its picture and lets go of the screen.
    let kept = try BootPicture(path: path, width: 640, height: 480, seed: 12)
    before.close()
    try kept.show()
    try kept.turn()
    #expect(kept.rotation == 4)

    let screen = KMSScreen(settings: Self.settings(800, 600))
    let ours = try Self.presentUntilShown(screen, seed: 13, attempts: 2)
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), ours) == 0)
    #expect(kept.shownFramebuffer != kept.framebuffer)
    screen.close()
    #expect(kept.shownFramebuffer == kept.framebuffer && kept.shownWidth == 640 && kept.rotation == 4)
    kept.remove()
  }

  @Test func turnsOffWhatWasOff() throws {
    let card = try ConfiguredCard("dark", plugs: [.connected])
    defer { card.remove() }
    let path = try #require(KMSCard.paths.first)
    let watcher = open(path, O_RDWR | O_CLOEXEC)
    drmDropMaster(watcher)
    defer { close(watcher) }
    let screen = KMSScreen(settings: Self.settings(800, 600))
    _ = try Self.presentUntilShown(screen, seed: 14, attempts: 2)
    #expect(BootPicture.shown(watcher).framebuffer != 0)
    screen.close()
    #expect(BootPicture.shown(watcher).framebuffer == 0)
    #expect(throws: ScreenError.disconnected) { try screen.present(Canvas(width: 8, height: 8), damage: Damage()) }
  }

  @Test func standsBy() throws {
    let card = try ConfiguredCard("standby", plugs: [.connected])
    defer { card.remove() }
    let path = try #require(KMSCard.paths.first)
    let screen = KMSScreen(settings: Self.settings(800, 600))
    defer { screen.close() }
    let canvas = try Self.presentUntilShown(screen, seed: 15, attempts: 2)
    let watcher = open(path, O_RDWR | O_CLOEXEC)
    defer { close(watcher) }
    try screen.setPower(false)
    #expect(BootPicture.isActive(watcher) == false)
    // It keeps the pace, and what it was given.
    var random = SeededRandom(seed: 16)
    let part = PixelRectangle(x: 10, y: 10, width: 50, height: 50)
    ScreenPicture.fill(canvas, part, &random)
    let first = try screen.present(canvas, damage: ScreenPicture.damage(part))
    let second = try screen.present(canvas, damage: Damage())
    #expect(abs((second - first).milliseconds - 1_000 / screen.mode.refreshRate) < 0.01)
    #expect(throws: KMSError.disconnected) { try screen.screenshot() }
    try screen.setPower(true)
    #expect(BootPicture.isActive(watcher) == true)
    try screen.present(canvas, damage: Damage())
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), canvas) == 0)
  }

  @Test func leavesMargins() throws {
    let card = try ConfiguredCard("overscan", plugs: [.connected])
    defer { card.remove() }
    var settings = Self.settings(800, 600)
    settings.margins = .init(left: 0.05, top: 0.1, right: 0.025, bottom: 0.05)
    let screen = KMSScreen(settings: settings)
    defer { screen.close() }
    #expect(screen.mode.width == 800 - 40 - 20 && screen.mode.height == 600 - 60 - 30)
    let canvas = try Self.presentUntilShown(screen, seed: 17, attempts: 2)
    let shot = try screen.screenshot(.writeBack)
    #expect(shot.width == 800 && ScreenPicture.differences(shot, x: 40, y: 60, canvas) == 0)
    for (x, y) in [(39, 300), (780, 300), (400, 59), (400, 570)] { #expect(shot.pixel(x: x, y: y) == 0) }
  }

  /// By the controller's look-up table, as vkms has no property for it.
  @Test func limitsRange() throws {
    let card = try ConfiguredCard("range", plugs: [.connected])
    defer { card.remove() }
    var settings = Self.settings(640, 480)
    settings.colorRange = .limited
    let screen = KMSScreen(settings: settings)
    defer { screen.close() }
    let canvas = try Self.presentUntilShown(screen, seed: 20, attempts: 2)
    let limited = ScreenPicture.mapped(canvas) { (16 + 219 * Double($0) / 255).rounded() }
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), limited, tolerance: 1) == 0)
    for range in [KMSSettings.ColorRange.full, .automatic] {
      settings.colorRange = .limited
      screen.apply(settings)
      _ = try Self.presentUntilShown(screen, seed: 21, attempts: 2)
      settings.colorRange = range
      screen.apply(settings)
      let shown = try Self.presentUntilShown(screen, seed: 22, attempts: 2)
      #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), shown) == 0, "\(range)")
    }
  }

  @Test func survivesRemovalOfCard() throws {
    let card = try ConfiguredCard("removed", plugs: [.connected])
    let screen = KMSScreen(settings: Self.settings(800, 600))
    defer { screen.close() }
    let canvas = try Self.presentUntilShown(screen, seed: 18, attempts: 2)
    card.remove()
    screen.devicesChanged()
    for _ in 0..<3 {
      #expect(throws: (any Error).self) { try screen.present(canvas, damage: ScreenPicture.damage(canvas.bounds)) }
    }
    let next = try ConfiguredCard("replaced", plugs: [.connected])
    defer { next.remove() }
    screen.devicesChanged()
    let shown = try Self.presentUntilShown(screen, seed: 19)
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), shown) == 0)
  }

  /// Everything at once and from all sides: plugs, modes, standby, screenshots, exchanged displays.
  @Test func survivesEverythingAtOnce() throws {
    let card = try ConfiguredCard("soak", plugs: [.connected, .connected])
    defer { card.remove() }
    let names = KMSDisplays.enumerate().map(\.id)
    let screens = [KMSScreen(settings: Self.settings(640, 480)), KMSScreen(.additional)]
    let loops = try screens.enumerated().map { try ScreenLoop(screen: $1, seed: UInt64($0)) }
    var random = SeededRandom(seed: 40)
    for _ in 0..<150 {
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(Int.random(in: 0...200, using: &random)))
      let index = Int.random(in: 0...1, using: &random)
      let screen = screens[index]
      switch Int.random(in: 0..<8, using: &random) {
      case 0: try card.plug(.disconnected, head: index)
      case 1, 2: try card.plug(.connected, head: index)
      case 3: screen.apply(Bool.random(using: &random) ? Self.settings(640, 480) : Self.settings(800, 600))
      case 4: try? screen.setPower(Bool.random(using: &random))
      case 5: _ = try? screen.screenshot()
      case 6: screens[0].select(Bool.random(using: &random) ? .first : .display(names[index]))
      default: _ = KMSDisplays.enumerate()
      }
      for screen in screens { screen.devicesChanged() }
    }
    for head in 0...1 { try card.plug(.connected, head: head) }
    screens[0].select(.first)
    for screen in screens {
      try screen.setPower(true)
      screen.devicesChanged()
    }
    MonotonicClock.sleep(until: MonotonicClock.now + .seconds(3))
    let before = loops.map(\.count)
    MonotonicClock.sleep(until: MonotonicClock.now + .seconds(1))
    for (loop, count) in zip(loops, before) { #expect((58...62).contains(loop.count - count), "\(loop.screen.status)") }
    #expect(Set(screens.map(\.status.display)) == Set(names))
    // Closed while it presents.
    for screen in screens { screen.close() }
    for loop in loops { loop.stop() }
    let watcher = open(try #require(KMSCard.paths.first), O_RDWR | O_CLOEXEC)
    defer { close(watcher) }
    #expect(BootPicture.isActive(watcher) == false)
  }
}

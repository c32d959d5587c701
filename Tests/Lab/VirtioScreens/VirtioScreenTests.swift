import CDRM
import Devices
import Glibc
import Realtime
import Testing
import Video

/// Screens on virtio-gpu, in QEMU: displays come, go and change from outside, and the pictures are seen from outside. It
/// keeps a copy of each buffer, of which it takes over what is said to be damaged, and flips whenever it is asked.
@Suite(.lab("virtio"), .serialized) struct VirtioScreenTests {
  private static let outside = Outside.shared

  /// Presents until it works with the display's size, as the screen's thread does.
  private static func presentUntilShown(_ screen: KMSScreen, _ size: (Int, Int), seed: UInt64) throws -> Canvas {
    let deadline = MonotonicClock.now + .seconds(20)
    while MonotonicClock.now < deadline {
      let mode = screen.mode
      let canvas = ScreenPicture.noise(width: mode.width, height: mode.height, seed: seed)
      do throws(ScreenError) {
        try screen.present(canvas, damage: ScreenPicture.damage(canvas.bounds))
        if (mode.width, mode.height) == size { return canvas }
      } catch .modeChanged {
        continue
      } catch {}
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(100))
      screen.devicesChanged()
    }
    throw LabError(what: "the screen doesn't become \(size); it is \(screen.mode)", code: 0)
  }

  @Test func showsPictureAndDescription() throws {
    let display = try #require(KMSDisplays.enumerate().first)
    #expect(display.driver == "virtio_gpu" && display.connector.status == .connected)
    let edid = try #require(display.edid)
    #expect(edid.name == "QEMU Monitor" && edid.vendor == "RHT")
    #expect(edid.preferredTiming?.width == 640 && edid.preferredTiming?.height == 480)
    let screen = KMSScreen()
    defer { screen.close() }
    #expect(screen.mode.width == 640 && screen.mode.height == 480)
    let canvas = try Self.presentUntilShown(screen, (640, 480), seed: 1)
    #expect(ScreenPicture.differences(try Self.outside.picture(0), canvas) == 0)
    // No write-back here: read back.
    #expect(!screen.status.hasWriteBack)
    #expect(throws: KMSError.notCapturable) { try screen.screenshot(.writeBack) }
    #expect(ScreenPicture.differences(try screen.screenshot(), canvas) == 0)
  }

  @Test(arguments: [2, 3]) func updatesDamageAlone(buffers: Int) throws {
    let screen = KMSScreen(settings: KMSSettings(bufferCount: buffers))
    defer { screen.close() }
    let canvas = try Self.presentUntilShown(screen, (640, 480), seed: 2)
    var random = SeededRandom(seed: 3)
    for _ in 0..<6 {
      let damage = ScreenPicture.scribble(canvas, count: 1...3, width: 60, height: 40, &random)
      try screen.present(canvas, damage: damage)
      #expect(ScreenPicture.differences(try Self.outside.picture(0), canvas) == 0)
    }
  }

  /// The kernel's console stands on the screen before and afterwards.
  @Test func givesConsoleBack() throws {
    let watcher = open("/dev/dri/card0", O_RDWR | O_CLOEXEC)
    #expect(watcher >= 0)
    drmDropMaster(watcher)
    defer { close(watcher) }
    let console = BootPicture.shown(watcher).framebuffer
    #expect(console != 0)
    let screen = KMSScreen()
    _ = try Self.presentUntilShown(screen, (640, 480), seed: 20)
    #expect(BootPicture.shown(watcher).framebuffer != console)
    screen.close()
    #expect(BootPicture.shown(watcher).framebuffer == console)
  }

  /// The controller would flip hundreds of times a second.
  @Test func keepsPace() throws {
    let screen = KMSScreen()
    defer { screen.close() }
    let canvas = try Self.presentUntilShown(screen, (640, 480), seed: 4)
    let first = try screen.present(canvas, damage: Damage())
    var last = first
    for index in 0..<60 {
      let part = PixelRectangle(x: index, y: 0, width: 4, height: 4)
      let next = try screen.present(canvas, damage: ScreenPicture.damage(part))
      #expect(next > last)
      last = next
    }
    #expect((last - first).seconds > 0.95 * 60 / screen.mode.refreshRate)
  }

  @Test func followsDisplay() throws {
    let screen = KMSScreen()
    defer { screen.close() }
    _ = try Self.presentUntilShown(screen, (640, 480), seed: 5)
    try Self.outside.setDisplay(0, (800, 600))
    let larger = try Self.presentUntilShown(screen, (800, 600), seed: 6)
    #expect(ScreenPicture.differences(try Self.outside.picture(0), larger) == 0)
    #expect(KMSDisplays.enumerate().first?.edid?.preferredTiming?.width == 800)

    try Self.outside.setDisplay(0, nil)
    var error: ScreenError?
    let deadline = MonotonicClock.now + .seconds(20)
    while error != .disconnected, MonotonicClock.now < deadline {
      screen.devicesChanged()
      do throws(ScreenError) { try screen.present(larger, damage: Damage()) } catch let thrown { error = thrown }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(100))
    }
    #expect(error == .disconnected)
    try Self.outside.setDisplay(0, (640, 480))
    let back = try Self.presentUntilShown(screen, (640, 480), seed: 7)
    #expect(ScreenPicture.differences(try Self.outside.picture(0), back) == 0)
  }

  @Test func drivesSecondDisplay() throws {
    let people = KMSScreen()
    let content = KMSScreen()
    defer {
      people.close()
      content.close()
    }
    let first = try Self.presentUntilShown(people, (640, 480), seed: 8)
    #expect(content.status.fault == .disconnected)
    try Self.outside.setDisplay(1, (1_024, 768))
    let second = try Self.presentUntilShown(content, (1_024, 768), seed: 9)
    #expect(people.status.display?.connector == "Virtual-1" && content.status.display?.connector == "Virtual-2")
    #expect(ScreenPicture.differences(try Self.outside.picture(1), second) == 0)
    #expect(ScreenPicture.differences(try Self.outside.picture(0), first) == 0)
  }
}

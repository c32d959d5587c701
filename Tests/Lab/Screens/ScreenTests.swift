import CAllocationCounter
import Devices
import Realtime
import Testing
import Video

/// One display on a vkms card with overlay planes and write-back.
@Suite(.lab("screen"), .serialized) struct ScreenTests {
  private static let size = KMSSettings(modes: KMSModePolicy(size: .init(width: 640, height: 480)))

  @Test func findsDisplay() throws {
    let displays = KMSDisplays.enumerate()
    let display = try #require(displays.first)
    #expect(displays.count == 1)
    #expect(display.driver == "vkms" && display.node == "/dev/dri/card0")
    #expect(display.sysfsPath.hasPrefix("/sys/devices/"))
    #expect(display.connector.name == "Virtual-1" && display.connector.status == .connected)
    #expect(display.connector.modes.contains { $0.width == 4_096 && $0.height == 2_160 })
    #expect(display.connector.modes.first { $0.isPreferred }?.description == "1024x768@60.00")
  }

  @Test func takesPreferredModeAndShowsPicture() throws {
    let screen = KMSScreen()
    defer { screen.close() }
    #expect(screen.mode.width == 1_024 && screen.mode.height == 768 && abs(screen.mode.refreshRate - 60) < 0.01)
    let canvas = ScreenPicture.noise(width: 1_024, height: 768, seed: 1)
    try screen.present(canvas, damage: ScreenPicture.damage(canvas.bounds))
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), canvas) == 0)
    #expect(ScreenPicture.differences(try screen.screenshot(.readBack), canvas) == 0)
  }

  @Test(arguments: [2, 3]) func pacesByFlips(buffers: Int) throws {
    var settings = Self.size
    settings.bufferCount = buffers
    let screen = KMSScreen(settings: settings)
    defer { screen.close() }
    let canvas = ScreenPicture.noise(width: 640, height: 480, seed: 2)
    var times: [Instant] = []
    for index in 0..<120 {
      let part = PixelRectangle(x: index, y: 0, width: 16, height: 16)
      // Without damage too.
      times.append(try screen.present(canvas, damage: index % 3 == 2 ? Damage() : ScreenPicture.damage(part)))
    }
    let intervals = zip(times, times.dropFirst()).map { ($1 - $0).milliseconds }
    let expected = 1_000 / screen.mode.refreshRate
    #expect(intervals.allSatisfy { abs($0 - expected) < 0.002 }, "\(intervals)")
    // It returns at the blank, not somewhere after it.
    #expect((MonotonicClock.now - times[119]).milliseconds < 1)
  }

  /// Random damage of random pictures: whatever buffer is on the screen, it shows the canvas.
  @Test(arguments: [2, 3]) func copiesDamageIntoEachBuffer(buffers: Int) throws {
    var settings = Self.size
    settings.bufferCount = buffers
    let screen = KMSScreen(settings: settings)
    defer { screen.close() }
    var random = SeededRandom(seed: 3)
    let canvas = ScreenPicture.noise(width: 640, height: 480, seed: 4)
    try screen.present(canvas, damage: ScreenPicture.damage(canvas.bounds))
    for _ in 0..<12 {
      let damage = ScreenPicture.scribble(canvas, count: 0...5, width: 200, height: 80, &random)
      try screen.present(canvas, damage: damage)
      #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), canvas) == 0)
    }
  }

  /// What isn't damaged isn't copied: a change that is kept secret doesn't appear.
  @Test func copiesOnlyDamage() throws {
    let screen = KMSScreen(settings: Self.size)
    defer { screen.close() }
    let canvas = ScreenPicture.noise(width: 640, height: 480, seed: 5)
    try screen.present(canvas, damage: ScreenPicture.damage(canvas.bounds))
    // Each buffer gets what it missed.
    let corner = PixelRectangle(x: 0, y: 0, width: 1, height: 1)
    for _ in 0..<3 { try screen.present(canvas, damage: ScreenPicture.damage(corner)) }
    var random = SeededRandom(seed: 6)
    let told = PixelRectangle(x: 100, y: 100, width: 64, height: 64)
    ScreenPicture.fill(canvas, told, &random)
    ScreenPicture.fill(canvas, PixelRectangle(x: 500, y: 300, width: 32, height: 32), &random)
    try screen.present(canvas, damage: ScreenPicture.damage(told))
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), canvas) == 32 * 32)
  }

  /// Once it runs, showing pictures allocates nothing.
  @Test func allocatesNothing() throws {
    let screen = KMSScreen(settings: Self.size)
    defer { screen.close() }
    let canvas = ScreenPicture.noise(width: 640, height: 480, seed: 7)
    var damage = Damage()
    let frame = VideoFrame(width: 64, height: 48)
    let other = VideoFrame(width: 64, height: 48)
    func present(_ index: Int) throws {
      damage.removeAll()
      for part in 0..<12 where index % 4 != 3 {
        damage.add(PixelRectangle(x: 40 * part + index, y: 7 * part, width: 30, height: 20))
      }
      try screen.present(canvas, damage: damage)
    }
    for index in 0..<20 { try present(index) }
    var before = allocation_count()
    for index in 0..<100 { try present(index) }
    #expect(allocation_count() == before)

    // With a video layer there is the caller's list of layers.
    let layers = [frame, other].map {
      [
        VideoLayer(
          id: 1, frame: $0, source: PixelRectangle(x: 0, y: 0, width: 64, height: 48),
          destination: PixelRectangle(x: 10, y: 10, width: 32, height: 24))
      ]
    }
    for index in 0..<20 { try screen.present(canvas, damage: damage, video: layers[index % 2]) }
    before = allocation_count()
    for index in 0..<100 { try screen.present(canvas, damage: damage, video: layers[index % 2]) }
    #expect(allocation_count() == before)
  }

  // MARK: - Video planes

  /// A picture with a gradient in luma and chroma, exact in the planes' eyes.
  private static func videoFrame(width: Int, height: Int, seed: UInt64) -> VideoFrame {
    let frame = VideoFrame(width: width, height: height)
    var random = SeededRandom(seed: seed)
    for row in 0..<height {
      for column in 0..<width { frame.y[row * frame.strideY + column] = UInt8.random(in: 16...235, using: &random) }
    }
    // Even chroma in blocks: nobody agrees on how to interpolate it.
    for row in 0..<frame.chromaHeight {
      for column in 0..<frame.chromaWidth {
        frame.u[row * frame.strideUV + column] = UInt8(40 + (column / 16 * 37 + row / 16 * 11) % 170)
        frame.v[row * frame.strideUV + column] = UInt8(40 + (column / 16 * 13 + row / 16 * 29) % 170)
      }
    }
    return frame
  }

  /// What the formulas of ITU-R BT.601 or BT.709 make of a frame; 8-bit, limited range.
  private static func converted(_ frame: VideoFrame, _ red: Double, _ blue: Double) -> Canvas {
    let canvas = Canvas(width: frame.width, height: frame.height)
    for row in 0..<frame.height {
      for column in 0..<frame.width {
        let luma = (Double(frame.y[row * frame.strideY + column]) - 16) / 219
        let cb = (Double(frame.u[row / 2 * frame.strideUV + column / 2]) - 128) / 224
        let cr = (Double(frame.v[row / 2 * frame.strideUV + column / 2]) - 128) / 224
        let r = luma + 2 * (1 - red) * cr
        let b = luma + 2 * (1 - blue) * cb
        let g = (luma - red * r - blue * b) / (1 - red - blue)
        let pixel = canvas.pixels + row * canvas.stride + 4 * column
        for (index, value) in [b, g, r].enumerated() { pixel[index] = UInt8(min(max(value * 255, 0), 255).rounded()) }
      }
    }
    return canvas
  }

  @Test(arguments: [ColorMatrix.bt601, .bt709]) func showsVideoOnPlane(matrix: ColorMatrix) throws {
    let screen = KMSScreen(settings: Self.size)
    defer { screen.close() }
    #expect(screen.status.overlayCount > 0)
    let canvas = ScreenPicture.noise(width: 640, height: 480, seed: 20)
    let place = PixelRectangle(x: 100, y: 60, width: 320, height: 240)
    let whole = PixelRectangle(x: 0, y: 0, width: 320, height: 240)
    var damage = ScreenPicture.damage(canvas.bounds)
    for seed in [21, 22, 23] as [UInt64] {
      let frame = Self.videoFrame(width: 320, height: 240, seed: seed)
      frame.colorMatrix = matrix
      let layer = VideoLayer(id: 7, frame: frame, source: whole, destination: place)
      try screen.present(canvas, damage: damage, video: [layer])
      damage = Damage()
      #expect(screen.way(ofLayer: 7) == .plane)
      let expected = matrix == .bt601 ? Self.converted(frame, 0.299, 0.114) : Self.converted(frame, 0.2126, 0.0722)
      let shot = try screen.screenshot(.writeBack)
      #expect(ScreenPicture.differences(shot, x: 100, y: 60, expected, tolerance: 2) == 0)
      // Round it there is the canvas.
      #expect(shot.pixel(x: 99, y: 60) == canvas.pixel(x: 99, y: 60))
      #expect(shot.pixel(x: 420, y: 299) == canvas.pixel(x: 420, y: 299))
      // Read back plane by plane it is the same, to the roundings of libyuv, which halves BT.709's accuracy in blue.
      let tolerance = matrix == .bt601 ? 3 : 14
      #expect(ScreenPicture.differences(try screen.screenshot(.readBack), shot, tolerance: tolerance) == 0)
    }
    // Without layers there is the canvas alone.
    try screen.present(canvas, damage: Damage())
    #expect(screen.way(ofLayer: 7) == nil)
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), canvas) == 0)
  }

  /// vkms can't scale: the processor does, and the plane converts.
  @Test func scalesForPlaneThatCannot() throws {
    let screen = KMSScreen(settings: Self.size)
    defer { screen.close() }
    let canvas = ScreenPicture.noise(width: 640, height: 480, seed: 24)
    let frame = VideoFrame(width: 1_280, height: 720)
    frame.fill(y: 120, u: 90, v: 200)
    let place = PixelRectangle(x: 16, y: 8, width: 320, height: 180)
    let layer = VideoLayer(
      id: 1, frame: frame, source: PixelRectangle(x: 0, y: 0, width: 1_280, height: 720), destination: place)
    try screen.present(canvas, damage: ScreenPicture.damage(canvas.bounds), video: [layer])
    #expect(screen.way(ofLayer: 1) == .plane)
    let small = VideoFrame(width: 320, height: 180)
    small.fill(y: 120, u: 90, v: 200)
    #expect(
      ScreenPicture.differences(
        try screen.screenshot(.writeBack), x: 16, y: 8, Self.converted(small, 0.299, 0.114), tolerance: 2) == 0)
  }

  /// More layers than planes: the processor paints the others, and nobody sees the difference.
  @Test func paintsLayersWithoutPlane() throws {
    let screen = KMSScreen(settings: Self.size)
    defer { screen.close() }
    let canvas = ScreenPicture.noise(width: 640, height: 480, seed: 25)
    let count = screen.status.overlayCount + 2
    var damage = ScreenPicture.damage(canvas.bounds)
    for round in 0..<4 {
      let frames = (0..<count).map { Self.videoFrame(width: 64, height: 64, seed: UInt64(100 * round + $0)) }
      let layers = (0..<count).map { index in
        VideoLayer(
          id: index, frame: frames[index], source: PixelRectangle(x: 0, y: 0, width: 64, height: 64),
          destination: PixelRectangle(x: 80 * (index % 8) + 2 * round, y: 80 * (index / 8) + 3, width: 64, height: 64))
      }
      try screen.present(canvas, damage: damage, video: layers)
      damage = Damage()
      let ways = (0..<count).map { screen.way(ofLayer: $0) }
      #expect(ways.filter { $0 == .plane }.count == screen.status.overlayCount)
      #expect(ways.filter { $0 == .processor }.count == 2)
      let shot = try screen.screenshot(.writeBack)
      for (index, layer) in layers.enumerated() {
        let expected = Self.converted(frames[index], 0.299, 0.114)
        let differences = ScreenPicture.differences(
          shot, x: layer.destination.x, y: layer.destination.y, expected, tolerance: 2)
        #expect(differences == 0, "layer \(index) in round \(round)")
      }
    }
    // What the processor painted is uncovered again.
    try screen.present(canvas, damage: Damage())
    #expect(ScreenPicture.differences(try screen.screenshot(.writeBack), canvas) == 0)
  }
}

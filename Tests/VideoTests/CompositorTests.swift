import Realtime
import Testing

@testable import Video

@Suite("Composition")
struct CompositorTests {
  static let width = 640
  static let height = 360

  /// What a compositor was given, so that another one can be brought to the same state.
  struct State {
    var arrangement = Arrangement()
    var models: [TileModel] = []
    var banner: String?
    var link: String?
    var frames: [TileID: VideoFrame] = [:]

    func apply(to compositor: Compositor) {
      compositor.update(arrangement, models: models, banner: banner, link: link)
      for tile in arrangement.tiles { compositor.setFrame(frames[tile.id], for: tile.id) }
    }
  }

  func model(_ id: Int) -> TileModel { TileModel(id: TileID(id), label: "Élodie \(id)") }

  func solid(_ y: UInt8, _ u: UInt8, _ v: UInt8, width: Int = 160, height: Int = 90) -> VideoFrame {
    let frame = VideoFrame(width: width, height: height)
    frame.fill(y: y, u: u, v: v)
    return frame
  }

  func pixels(_ canvas: Canvas) -> [UInt32] {
    (0..<canvas.height).flatMap { row in
      let line = UnsafeRawBufferPointer(start: canvas.pixels + row * canvas.stride, count: 4 * canvas.width)
      return line.withMemoryRebound(to: UInt32.self) { [UInt32]($0) }
    }
  }

  @Test(
    "composing step by step gives the same pixels as composing from scratch, and changes only what it says",
    arguments: [LayoutMode.grid, .speaker])
  func incremental(mode: LayoutMode) {
    var random = SeededRandom(seed: 11)
    var layout = Layout(mode: mode, maximumGridTiles: 6)
    var state = State()
    var count = 3
    state.models = (0..<12).map(model)
    let compositor = Compositor(width: Self.width, height: Self.height)
    let canvas = Canvas(width: Self.width, height: Self.height)
    for step in 0..<50 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0: count = Int.random(in: 1...9, using: &random)
      case 1: state.banner = state.banner == nil ? "Réunion enregistrée" : nil
      case 2: state.models[Int.random(in: 0..<12, using: &random)].isSpeaking.toggle()
      case 3: state.models[Int.random(in: 0..<12, using: &random)].isHandRaised.toggle()
      case 4: state.models[Int.random(in: 0..<12, using: &random)].hasVideo.toggle()
      case 5: state.models[Int.random(in: 0..<12, using: &random)].connection = .weak
      case 7: state.link = state.link == nil ? "https://example.fr/\(step)" : nil
      case 6: state.models[Int.random(in: 0..<12, using: &random)].label = "Nom \(step)"
      default: break
      }
      for _ in 0..<2 {
        let id = TileID(Int.random(in: 0..<12, using: &random))
        let luma = UInt8.random(in: 16...235, using: &random)
        state.frames[id] = solid(luma, 110, 140, width: [160, 120, 90][step % 3], height: [90, 90, 160][step % 3])
      }
      let candidates = (0..<count).map { LayoutCandidate(id: TileID($0), isSelf: $0 == 0) }
      state.arrangement = layout.arrange(
        candidates, speaker: TileID(1), width: Self.width, height: Self.height)
      let before = pixels(canvas)
      state.apply(to: compositor)
      let damage = compositor.compose(into: canvas)
      let after = pixels(canvas)

      let fresh = Compositor(width: Self.width, height: Self.height)
      let freshCanvas = Canvas(width: Self.width, height: Self.height)
      state.apply(to: fresh)
      _ = fresh.compose(into: freshCanvas)
      #expect(after == pixels(freshCanvas), "step \(step)")
      #expect(isUnchanged(before, after, outside: damage), "step \(step)")
    }
  }

  func isUnchanged(_ before: [UInt32], _ after: [UInt32], outside damage: Damage) -> Bool {
    if before == after { return true }
    var rest = after
    for rectangle in damage.rectangles {
      for row in rectangle.y..<rectangle.maxY {
        let line = (row * Self.width + rectangle.x)..<(row * Self.width + rectangle.maxX)
        rest.replaceSubrange(line, with: before[line])
      }
    }
    return rest == before
  }

  @Test("nothing is drawn when nothing changed, and one tile when one changed")
  func redrawsOnlyChanges() {
    var layout = Layout(selfView: .hidden)
    let candidates = (0..<4).map { LayoutCandidate(id: TileID($0)) }
    let arrangement = layout.arrange(candidates, speaker: nil, width: Self.width, height: Self.height)
    var models = (0..<4).map(model)
    let compositor = Compositor(width: Self.width, height: Self.height)
    let canvas = Canvas(width: Self.width, height: Self.height)
    compositor.update(arrangement, models: models)
    for id in 0..<4 { compositor.setFrame(solid(100, 128, 128), for: TileID(id)) }
    #expect(compositor.compose(into: canvas).rectangles == [canvas.bounds])
    #expect(compositor.drawnTileCount == 4)

    compositor.update(arrangement, models: models)
    #expect(compositor.compose(into: canvas).isEmpty)
    #expect(compositor.drawnTileCount == 4)

    compositor.setFrame(solid(120, 128, 128), for: TileID(2))
    #expect(compositor.compose(into: canvas).rectangles == [arrangement.tiles[2].rectangle])
    models[1].isMuted = true
    compositor.update(arrangement, models: models)
    #expect(compositor.compose(into: canvas).rectangles == [arrangement.tiles[1].rectangle])
    #expect(compositor.drawnTileCount == 6)

    models[3].hasVideo = false
    compositor.update(arrangement, models: models)
    _ = compositor.compose(into: canvas)
    compositor.setFrame(solid(90, 128, 128), for: TileID(3))
    #expect(compositor.compose(into: canvas).isEmpty)
    compositor.setFrame(solid(90, 128, 128), for: TileID(42))
    #expect(compositor.compose(into: canvas).isEmpty)
  }

  static let reds: [(matrix: ColorMatrix, y: UInt8, u: UInt8, v: UInt8)] = [
    (.bt601, 81, 90, 240), (.bt601FullRange, 76, 85, 255), (.bt709, 63, 102, 240), (.bt709FullRange, 54, 99, 255),
  ]

  @Test("pure red comes out red with every matrix and range", arguments: reds)
  func colors(matrix: ColorMatrix, y: UInt8, u: UInt8, v: UInt8) throws {
    let compositor = Compositor(width: Self.width, height: Self.height)
    let canvas = Canvas(width: Self.width, height: Self.height)
    let place = PlacedTile(
      id: TileID(0), role: .grid, rectangle: PixelRectangle(x: 32, y: 18, width: 320, height: 180))
    compositor.update(Arrangement(tiles: [place]), models: [model(0)])
    let frame = solid(y, u, v)
    frame.colorMatrix = matrix
    compositor.setFrame(frame, for: TileID(0))
    _ = compositor.compose(into: canvas)
    let pixel = try #require(canvas.pixel(x: 192, y: 80))
    #expect(pixel >> 16 >= 250 && pixel >> 8 & 0xFF <= 5 && pixel & 0xFF <= 5)
    #expect(canvas.pixel(x: 10, y: 10) == 0x161616)
    // Rounded corner.
    #expect(canvas.pixel(x: 32, y: 18) == 0x161616)
  }

  @Test("a camera is cropped a little to fill its tile; an upright one and a shared screen are shown whole")
  func fitting() {
    let tile = PixelRectangle(x: 100, y: 50, width: 320, height: 180)
    let camera = TilePainter.fit(width: 640, height: 480, into: tile, isWhole: false)
    #expect(camera.target == tile && camera.source == PixelRectangle(x: 0, y: 60, width: 640, height: 360))
    let upright = TilePainter.fit(width: 360, height: 640, into: tile, isWhole: false)
    #expect(upright.source == PixelRectangle(x: 0, y: 0, width: 360, height: 640))
    #expect(upright.target == PixelRectangle(x: 210, y: 50, width: 100, height: 180))
    let screen = TilePainter.fit(width: 1_024, height: 768, into: tile, isWhole: true)
    #expect(screen.target == PixelRectangle(x: 140, y: 50, width: 240, height: 180))
    let exact = TilePainter.fit(width: 1_280, height: 720, into: tile, isWhole: true)
    #expect(exact.target == tile && exact.source == PixelRectangle(x: 0, y: 0, width: 1_280, height: 720))
  }

  @Test("pictures of any size fit any tile", arguments: [(1, 1), (2, 1), (1, 999), (4_096, 3), (16, 2_304)])
  func extremeSizes(width: Int, height: Int) {
    let compositor = Compositor(width: Self.width, height: Self.height)
    let canvas = Canvas(width: Self.width, height: Self.height)
    for size in [(1, 1), (7, 300), (320, 180), (640, 3)] {
      let place = PlacedTile(
        id: TileID(0), role: .main, rectangle: PixelRectangle(x: 0, y: 0, width: size.0, height: size.1))
      compositor.update(Arrangement(tiles: [place]), models: [model(0)])
      compositor.setFrame(solid(100, 128, 128, width: width, height: height), for: TileID(0))
      #expect(!compositor.compose(into: canvas).isEmpty)
    }
  }

  @Test("names of any kind are drawn without harm")
  func strangeNames() {
    let names = [
      "", " ", "\u{0}", "a\nb", "👩‍👩‍👧‍👦", String(repeating: "é", count: 10_000), "محمد علي", "\u{202E}abc", "李小龍",
    ]
    let compositor = Compositor(width: Self.width, height: Self.height)
    let canvas = Canvas(width: Self.width, height: Self.height)
    let place = PlacedTile(
      id: TileID(0), role: .main, rectangle: PixelRectangle(x: 0, y: 0, width: 320, height: 180))
    for name in names {
      compositor.update(
        Arrangement(tiles: [place]), models: [TileModel(id: TileID(0), label: name, hasVideo: false)], banner: name)
      #expect(!compositor.compose(into: canvas).isEmpty)
    }
  }

  @Test("text and marks have a contrast of at least 4.5 : 1 on whatever lies below")
  func contrast() {
    for ground in [Color(0xFFFFFF), Color(0x000000), Color(0x808080)] {
      let plate = Palette.plate.over(ground)
      #expect(contrastRatio(Palette.text, plate) >= 4.5)
      #expect(contrastRatio(Palette.muted, plate) >= 4.5)
      #expect(contrastRatio(Palette.warning, plate) >= 4.5)
    }
    for color in Palette.avatars { #expect(contrastRatio(Palette.text, color) >= 4.5) }
    #expect(contrastRatio(Palette.text, Palette.banner) >= 4.5)
    #expect(contrastRatio(Palette.darkText, Palette.hand) >= 4.5)
    #expect(contrastRatio(Palette.speaking, Palette.background) >= 4.5)
  }

  /// The contrast of two colours by WCAG 2.
  func contrastRatio(_ left: Color, _ right: Color) -> Double {
    func linear(_ value: UInt8) -> Double {
      let value = Double(value) / 255
      return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055)
    }
    func luminance(_ color: Color) -> Double {
      0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
    }
    let (high, low) = (max(luminance(left), luminance(right)), min(luminance(left), luminance(right)))
    return (high + 0.05) / (low + 0.05)
  }

  /// `base` to the power of 2.4: the twelfth power of the fifth root, which Newton finds.
  func power(_ base: Double) -> Double {
    var root = base
    for _ in 0..<60 { root -= (root * root * root * root * root - base) / (5 * root * root * root * root) }
    let square = root * root
    let fourth = square * square
    return fourth * fourth * fourth
  }
}

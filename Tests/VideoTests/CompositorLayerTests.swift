import Realtime
import Testing

@testable import Video

@Suite("What the compositor leaves to the screen")
struct CompositorLayerTests {
  private static let width = 640
  private static let height = 360

  private func solid(_ luma: UInt8, width: Int = 320, height: Int = 180) -> VideoFrame {
    let frame = VideoFrame(width: width, height: height)
    frame.fill(y: luma, u: 110, v: 140)
    return frame
  }

  private func model(_ id: Int) -> TileModel { TileModel(id: TileID(id), label: "Nom \(id)") }

  private func makeCompositor() -> Compositor {
    let compositor = Compositor(width: Self.width, height: Self.height)
    compositor.leavesLayer = true
    return compositor
  }

  /// A large picture, and others beside it or, as the room's own one, in its corner.
  private func arrangement(_ count: Int, own: Int? = nil) -> Arrangement {
    var layout = Layout(mode: .speaker)
    let candidates = (0..<count).map { LayoutCandidate(id: TileID($0), isSelf: $0 == own) }
    return layout.arrange(candidates, speaker: TileID(0), width: Self.width, height: Self.height)
  }

  @Test("the large picture is left out: another frame of it changes nothing in the canvas")
  func largePicture() throws {
    let compositor = makeCompositor()
    let canvas = Canvas(width: Self.width, height: Self.height)
    let places = arrangement(3)
    compositor.update(places, models: (0..<3).map(model))
    for id in 0..<3 { compositor.setFrame(solid(100), for: TileID(id)) }
    _ = compositor.compose(into: canvas)
    let first = try #require(compositor.layer)
    #expect(first.id == 0 && first.destination == places.tiles[0].rectangle && first.inset == nil)
    #expect(first.marks != nil)

    let frame = solid(120)
    compositor.setFrame(frame, for: TileID(0))
    #expect(compositor.compose(into: canvas).isEmpty)
    #expect(compositor.layer?.frame === frame && compositor.layer?.marks === first.marks)
    compositor.setFrame(solid(90), for: TileID(1))
    #expect(compositor.compose(into: canvas).rectangles == [places.tiles[1].rectangle])

    // What is written on it changes with its tile.
    var models = (0..<3).map(model)
    models[0].isSpeaking = true
    compositor.update(places, models: models)
    #expect(compositor.compose(into: canvas).rectangles == [places.tiles[0].rectangle])
    #expect(compositor.layer?.marks !== first.marks)
    // Without a picture it is a tile as any other.
    models[0].hasVideo = false
    compositor.update(places, models: models)
    _ = compositor.compose(into: canvas)
    #expect(compositor.layer == nil)
  }

  @Test("a picture in front of it goes with it; whatever else lies there keeps it in the canvas")
  func pictureInFront() throws {
    let compositor = makeCompositor()
    let canvas = Canvas(width: Self.width, height: Self.height)
    let places = arrangement(2, own: 1)
    compositor.update(places, models: (0..<2).map(model))
    for id in 0..<2 { compositor.setFrame(solid(100), for: TileID(id)) }
    _ = compositor.compose(into: canvas)
    let layer = try #require(compositor.layer)
    let inset = try #require(layer.inset)
    let (large, small) = (places.tiles[0].rectangle, places.tiles[1].rectangle)
    #expect(inset.place.x == small.x - large.x && inset.place.y == small.y - large.y)
    #expect(inset.place.width == small.width && inset.place.height == small.height)
    let frame = solid(50)
    compositor.setFrame(frame, for: TileID(1))
    #expect(compositor.compose(into: canvas).isEmpty)
    #expect(compositor.layer?.inset?.frame === frame)

    // Another kind of picture can't be drawn into the first, nor one with bars, nor initials.
    let other = solid(50)
    other.colorMatrix = .bt709
    for frame in [other, solid(50, width: 180, height: 320), nil] {
      compositor.setFrame(frame, for: TileID(1))
      #expect(compositor.compose(into: canvas).rectangles.contains(large))
      #expect(compositor.layer == nil)
      compositor.setFrame(solid(60), for: TileID(1))
      _ = compositor.compose(into: canvas)
      #expect(compositor.layer?.inset != nil)
    }
  }

  @Test("small pictures aren't left out, nor any when nobody takes them")
  func smallPictures() {
    let compositor = makeCompositor()
    let canvas = Canvas(width: Self.width, height: Self.height)
    var layout = Layout()
    let grid = layout.arrange(
      (0..<9).map { LayoutCandidate(id: TileID($0)) }, speaker: nil, width: Self.width, height: Self.height)
    compositor.update(grid, models: (0..<9).map(model))
    for id in 0..<9 { compositor.setFrame(solid(100), for: TileID(id)) }
    _ = compositor.compose(into: canvas)
    #expect(compositor.layer == nil)

    compositor.update(arrangement(2), models: (0..<2).map(model))
    _ = compositor.compose(into: canvas)
    #expect(compositor.layer != nil)
    compositor.leavesLayer = false
    _ = compositor.compose(into: canvas)
    #expect(compositor.layer == nil)
    let fresh = Compositor(width: Self.width, height: Self.height)
    let expected = Canvas(width: Self.width, height: Self.height)
    fresh.update(arrangement(2), models: (0..<2).map(model))
    for id in 0..<2 { fresh.setFrame(solid(100), for: TileID(id)) }
    _ = fresh.compose(into: expected)
    var differences = 0
    for row in 0..<Self.height {
      for column in 0..<Self.width where canvas.pixel(x: column, y: row) != expected.pixel(x: column, y: row) {
        differences += 1
      }
    }
    #expect(differences == 0)
  }

  @Test("marks are blended in Y′CbCr as in R′G′B′, on odd places too", arguments: [ColorMatrix.bt601, .bt709FullRange])
  func marks(matrix: ColorMatrix) throws {
    let frame = solid(100, width: 64, height: 32)
    frame.fill(y: 100, u: 128, v: 128)
    frame.colorMatrix = matrix
    let white = Bitmap(width: 9, height: 7) { drawing in
      drawing.rectangle(x: 0, y: 0, width: 9, height: 7)
      drawing.fill(Color(0xFFFFFF))
    }
    let glass = Bitmap(width: 8, height: 8) { drawing in
      drawing.rectangle(x: 0, y: 0, width: 8, height: 8)
      drawing.fill(Color(0xFF0000, alpha: 128))
    }
    let whole = PixelRectangle(x: 0, y: 0, width: 64, height: 32)
    let marks = try #require(
      LayerMarks([
        LayerMarks.Part(bitmap: white, x: 3, y: 5, clip: whole),
        LayerMarks.Part(bitmap: glass, x: 40, y: 8, clip: PixelRectangle(x: 40, y: 8, width: 4, height: 64)),
        // Outside, in part and wholly.
        LayerMarks.Part(bitmap: white, x: 60, y: -3, clip: whole),
        LayerMarks.Part(bitmap: white, x: 70, y: 0, clip: whole),
      ]))
    marks.blend(over: frame)
    func luma(_ x: Int, _ y: Int) -> Int { Int(frame.y[y * frame.strideY + x]) }
    let isFull = matrix == .bt709FullRange
    #expect(luma(3, 5) == (isFull ? 255 : 235) && luma(11, 11) == luma(3, 5))
    #expect([luma(2, 5), luma(12, 11), luma(3, 4), luma(11, 12)] == [100, 100, 100, 100])
    #expect(luma(60, 0) == luma(3, 5) && luma(60, 4) == 100)
    // Red: 0.299 · 219 + 16 of luma and 128 + 112 of Cr, or 0.2126 · 255 and 128 + 127.
    #expect(abs(luma(41, 9) - ((isFull ? 54 : 81) + 100) / 2) <= 1 && luma(44, 9) == 100)
    let cr = Int(frame.v[4 * frame.strideUV + 20])
    #expect(abs(cr - (128 + (isFull ? 255 : 240)) / 2) <= 1)
    #expect(frame.v[4 * frame.strideUV + 22] == 128)
  }
}

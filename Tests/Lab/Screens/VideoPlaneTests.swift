import CDRM
import Realtime
import Testing
import Video

@testable import Devices

/// A meeting's picture of which the largest part is shown by a plane of its own, beside the same composed by the
/// processor alone.
private final class ComparedScreen {
  let screen: KMSScreen
  let mode: ScreenMode
  private let compositor: Compositor
  private let canvas: Canvas
  private let reference: Compositor
  private let expected: Canvas
  private(set) var arrangement = Arrangement()

  init(_ screen: KMSScreen) {
    self.screen = screen
    mode = screen.mode
    compositor = Compositor(width: mode.width, height: mode.height)
    canvas = Canvas(width: mode.width, height: mode.height)
    reference = Compositor(width: mode.width, height: mode.height)
    expected = Canvas(width: mode.width, height: mode.height)
  }

  /// The layer that was presented last.
  var layer: VideoLayer? { compositor.layer }

  /// How that is shown.
  var way: KMSLayerPath? { layer.flatMap { screen.way(ofLayer: $0.id) } }

  func arrange(_ layout: inout Layout, _ models: [TileModel], own: Int? = nil, banner: String? = nil) {
    let candidates = models.map {
      LayoutCandidate(id: $0.id, isScreenShare: $0.isScreenShare, isSelf: $0.id.rawValue == own)
    }
    arrangement = layout.arrange(candidates, speaker: models.first?.id, width: mode.width, height: mode.height)
    for compositor in [compositor, reference] { compositor.update(arrangement, models: models, banner: banner) }
  }

  func setFrame(_ frame: VideoFrame?, for id: Int) {
    for compositor in [compositor, reference] { compositor.setFrame(frame, for: TileID(id)) }
  }

  /// Composes and presents.
  /// - Returns: how many pixels of the canvas had to be drawn, the layer's apart.
  @discardableResult
  func present(all: Bool = false, leavesLayer: Bool? = nil) throws -> Int {
    compositor.leavesLayer = leavesLayer ?? (screen.layerCount > 0)
    var damage = compositor.compose(into: canvas)
    if all { damage.add(canvas.bounds) }
    _ = reference.compose(into: expected)
    let pixels = damage.rectangles.reduce(0) { $0 + $1.width * $1.height }
    try screen.present(canvas, damage: damage, video: compositor.layer.map { [$0] } ?? [])
    return pixels
  }

  /// How far what is scanned out is from what the processor alone composed.
  struct Deviation {
    /// Of all channels of all pixels.
    var mean: Double
    /// The part of the pixels that differ by more than 40 in a channel.
    var strong: Double
    /// The most that a pixel differs in the middle of the layer, where nothing is written.
    var inner: Int
  }

  func deviation(_ method: KMSScreen.CaptureMethod = .writeBack) throws -> Deviation {
    let shot = try screen.screenshot(method)
    var (sum, strong, inner) = (0, 0, 0)
    let place = layer?.destination ?? PixelRectangle(x: 0, y: 0, width: 0, height: 0)
    let middle = PixelRectangle(
      x: place.x + place.width / 4, y: place.y + place.height / 4, width: place.width / 2, height: place.height / 2)
    for row in 0..<mode.height {
      let (a, b) = (shot.pixels + row * shot.stride, expected.pixels + row * expected.stride)
      for column in 0..<mode.width {
        var most = 0
        for channel in 0..<3 {
          let difference = abs(Int(a[4 * column + channel]) - Int(b[4 * column + channel]))
          sum += difference
          most = max(most, difference)
        }
        if most > 40 { strong += 1 }
        if column >= middle.x && column < middle.maxX && row >= middle.y && row < middle.maxY {
          inner = max(inner, most)
        }
      }
    }
    let pixels = Double(mode.width * mode.height)
    return Deviation(mean: Double(sum) / (3 * pixels), strong: Double(strong) / pixels, inner: inner)
  }

  /// Compares, and says in whose case.
  func expectSame(_ what: String, _ method: KMSScreen.CaptureMethod = .writeBack) throws {
    let deviation = try deviation(method)
    print("planes: \(what): \(deviation)")
    // The edges of letters, signs and rings are blended before the conversion instead of after it, their colour with
    // half the resolution: pixels there may differ much, but few do. The rest is but rounded otherwise, most so in
    // libyuv's blue of BT.709.
    #expect(deviation.mean < 1 && deviation.strong < 0.01, "\(what)")
    #expect(deviation.inner <= 6, "\(what)")
  }

  /// A moving picture.
  static func frame(_ width: Int, _ height: Int, _ index: Int, _ matrix: ColorMatrix = .bt601) -> VideoFrame {
    let frame = VideoFrame(width: width, height: height)
    SyntheticScene(width: width, height: height, variant: index % 5).paint(frame, at: .milliseconds(400 * index))
    frame.colorMatrix = matrix
    return frame
  }

  static func models(_ count: Int, sharing: Bool = false) -> [TileModel] {
    (1...count).map {
      TileModel(
        id: TileID($0), label: "Élodie Çelik \($0)", isScreenShare: sharing && $0 == 1, isMuted: $0 == 2,
        isSpeaking: $0 == 1, isHandRaised: $0 == 1)
    }
  }

  static let settings = KMSSettings(modes: KMSModePolicy(size: .init(width: 1_280, height: 720)))
}

/// The largest picture of a meeting on a plane that converts it.
@Suite(.lab("screen"), .serialized) struct VideoPlaneTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var width: Int
    var height: Int
    var matrix = ColorMatrix.bt601
    var people = 4
    var isSharing = false
    var own: Int?
    var banner: String?
  }

  static let cases = [
    Case(testDescription: "scaled up", width: 640, height: 360),
    Case(testDescription: "scaled down", width: 1_920, height: 1_080, matrix: .bt709),
    Case(testDescription: "cropped", width: 640, height: 480),
    Case(testDescription: "alone, as large as its place", width: 1_226, height: 688, people: 1),
    Case(testDescription: "full range", width: 640, height: 360, matrix: .bt709FullRange),
    Case(testDescription: "with bars", width: 1_024, height: 768, isSharing: true),
    Case(testDescription: "upright", width: 360, height: 640, people: 2),
    Case(testDescription: "with the room's own picture in front", width: 640, height: 360, people: 2, own: 2),
    Case(
      testDescription: "with a message in front", width: 640, height: 360, people: 2, own: 2,
      banner: "Réunion enregistrée"),
  ]

  @Test(arguments: cases) func looksAsIfComposed(_ test: Case) throws {
    let screen = KMSScreen(settings: ComparedScreen.settings)
    defer { screen.close() }
    let compared = ComparedScreen(screen)
    var layout = Layout(mode: .speaker)
    compared.arrange(
      &layout, ComparedScreen.models(test.people, sharing: test.isSharing), own: test.own, banner: test.banner)
    for round in 0..<3 {
      compared.setFrame(ComparedScreen.frame(test.width, test.height, round, test.matrix), for: 1)
      for id in 2..<max(test.people + 1, 2) {
        compared.setFrame(ComparedScreen.frame(320, 180, round + id, test.matrix), for: id)
      }
      try compared.present()
      #expect(compared.way == .plane)
      #expect((compared.layer?.inset != nil) == (test.own != nil))
      try compared.expectSame("\(test.testDescription) \(round)")
    }
    // The same put together from what the kernel says is scanned out.
    try compared.expectSame("\(test.testDescription), read back", .readBack)
    // A picture alone costs the canvas nothing.
    compared.setFrame(ComparedScreen.frame(test.width, test.height, 7, test.matrix), for: 1)
    #expect(try compared.present() == 0)
    try compared.expectSame("\(test.testDescription), alone")
  }

  /// The layout and what is shown change all the time: whatever way the picture takes, it is the same one.
  @Test func everyChangeIsSeamless() throws {
    let screen = KMSScreen(settings: ComparedScreen.settings)
    defer { screen.close() }
    let compared = ComparedScreen(screen)
    var random = SeededRandom(seed: 50)
    var layout = Layout(mode: .speaker)
    var models = ComparedScreen.models(5)
    var (count, own) = (3, Int?.none)
    var ways: [KMSLayerPath?: Int] = [:]
    for step in 0..<40 {
      switch Int.random(in: 0..<7, using: &random) {
      case 0: count = Int.random(in: 1...5, using: &random)
      case 1: layout.mode = layout.mode == .grid ? .speaker : .grid
      case 2: own = own == nil ? 2 : nil
      case 3: models[Int.random(in: 0..<5, using: &random)].hasVideo = Int.random(in: 0..<4, using: &random) > 0
      case 4: models[0].isSpeaking.toggle()
      case 5: models[0].isScreenShare.toggle()
      default: models[0].label = "Nom \(step)"
      }
      compared.arrange(&layout, Array(models[..<count]), own: own, banner: step % 5 == 0 ? "Seul" : nil)
      let size = [(640, 360), (320, 240), (1_280, 720)][step % 3]
      for id in 1...5 where id == 1 || Bool.random(using: &random) {
        compared.setFrame(ComparedScreen.frame(size.0, size.1, step + id), for: id)
      }
      // Now and then the processor has to do it alone.
      try compared.present(leavesLayer: step % 5 != 4)
      ways[compared.way, default: 0] += 1
      try compared.expectSame("step \(step), \(compared.way.map { "\($0)" } ?? "composed")")
    }
    print("planes: ways \(ways)")
    #expect(ways[.plane, default: 0] > 10 && ways[nil, default: 0] > 5)
  }

  /// More layers than planes: what the processor paints for want of a plane has its marks and inset too.
  @Test func refusedPlane() throws {
    let screen = KMSScreen(settings: ComparedScreen.settings)
    defer { screen.close() }
    let compared = ComparedScreen(screen)
    var layout = Layout(mode: .speaker)
    compared.arrange(&layout, ComparedScreen.models(2), own: 2)
    compared.setFrame(ComparedScreen.frame(640, 360, 1), for: 1)
    compared.setFrame(ComparedScreen.frame(320, 180, 2), for: 2)
    try compared.present()
    let layer = try #require(compared.layer)
    // Each plane is taken by a small picture in a corner, before the large one comes.
    let count = screen.layerCount
    let corner = PixelRectangle(x: 0, y: 0, width: 32, height: 32)
    let small = (1...count).map { index in
      VideoLayer(
        id: 100 + index, frame: ComparedScreen.frame(32, 32, 3), source: corner, destination: corner)
    }
    let canvas = Canvas(width: screen.mode.width, height: screen.mode.height)
    try screen.present(canvas, damage: Damage(), video: [])
    try screen.present(canvas, damage: Damage(), video: small + [layer])
    #expect(screen.way(ofLayer: layer.id) == .processor)
    #expect(small.allSatisfy { screen.way(ofLayer: $0.id) == .plane })
    let shot = try screen.screenshot(.writeBack)
    try compared.present(all: true)
    #expect(compared.way == .plane)
    let onPlane = try screen.screenshot(.writeBack)
    var most = 0
    for row in layer.destination.y + 40..<layer.destination.maxY {
      for column in layer.destination.x + 40..<layer.destination.maxX {
        for channel in 0..<3 {
          let a = shot.pixels[row * shot.stride + 4 * column + channel]
          let b = onPlane.pixels[row * onPlane.stride + 4 * column + channel]
          most = max(most, abs(Int(a) - Int(b)))
        }
      }
    }
    print("planes: painted by the processor instead: differs by \(most) at most")
    #expect(most <= 8)
  }
}

/// Planes that the kernel takes when it is asked, and refuses when they are to be shown.
@Suite(.lab("screen"), .serialized) struct RefusedPlaneTests {
  /// Takes away what planes for video are to show next. The kernel finds out only when it is to be shown.
  private func removeHiddenPictures(_ card: KMSCard) throws -> Int {
    let shown = Set(card.planes().map(\.currentFramebuffer))
    let resources = try #require(drmModeGetResources(card.descriptor))
    defer { drmModeFreeResources(resources) }
    var count = 0
    for index in 0..<Int(resources.pointee.count_fbs) {
      let framebuffer = resources.pointee.fbs[index]
      guard !shown.contains(framebuffer), let picture = drmModeGetFB2(card.descriptor, framebuffer) else { continue }
      defer { drmModeFreeFB2(picture) }
      // The look at it has its own hold of the memory.
      if picture.pointee.handles.0 != 0 { drmCloseBufferHandle(card.descriptor, picture.pointee.handles.0) }
      guard picture.pointee.pixel_format == KMSBuffer.Format.nv12.code else { continue }
      #expect(drmModeRmFB(card.descriptor, framebuffer) == 0)
      count += 1
    }
    return count
  }

  /// The very picture that is refused is seen, painted by the processor, and so is all that follows.
  @Test func samePictureIsShownWithoutIt() throws {
    let screen = KMSScreen(settings: ComparedScreen.settings)
    defer { screen.close() }
    let compared = ComparedScreen(screen)
    var layout = Layout(mode: .speaker)
    compared.arrange(&layout, ComparedScreen.models(3))
    for round in 0..<2 {
      for id in 1...3 { compared.setFrame(ComparedScreen.frame(640, 360, round + id), for: id) }
      try compared.present()
    }
    #expect(compared.way == .plane && screen.layerCount > 0)
    try compared.expectSame("before the refusal")

    let card = try KMSCard.open(try #require(screen.status.display).card)
    #expect(try removeHiddenPictures(card) == 1)
    compared.setFrame(ComparedScreen.frame(640, 360, 5), for: 1)
    #expect(try compared.present() == 0)
    #expect(compared.way == .processor && screen.layerCount == 0)
    try compared.expectSame("refused")
    #expect(card.planes().allSatisfy { $0.kind != .overlay || $0.currentFramebuffer == 0 })

    for round in 6..<9 {
      for id in 1...3 { compared.setFrame(ComparedScreen.frame(640, 360, round + id), for: id) }
      try compared.present()
      #expect(compared.layer == nil && screen.layerCount == 0 && screen.status.fault == nil)
      try compared.expectSame("after the refusal")
    }
  }
}

/// Planes that come and go with displays and cards.
@Suite(.lab("screens"), .serialized) struct VideoPlanePlugTests {
  @Test func planeIsLostAndFoundWithItsDisplay() throws {
    var card = try ConfiguredCard("planes", plugs: [.connected])
    defer { card.remove() }
    let screen = KMSScreen(settings: ComparedScreen.settings)
    defer { screen.close() }
    let compared = ComparedScreen(screen)
    var layout = Layout(mode: .speaker)
    compared.arrange(&layout, ComparedScreen.models(2), own: 2)
    var round = 0
    func present(leavesLayer: Bool? = nil) throws {
      round += 1
      for id in 1...2 { compared.setFrame(ComparedScreen.frame(640, 360, round + id), for: id) }
      try compared.present(all: true, leavesLayer: leavesLayer)
    }
    try present()
    #expect(compared.way == .plane)
    try compared.expectSame("before")

    // The display is unplugged, and plugged in again: the first picture is whole.
    try card.plug(.disconnected, head: 0)
    screen.devicesChanged()
    #expect(throws: ScreenError.disconnected) { try present() }
    #expect(screen.layerCount == 0)
    try card.plug(.connected, head: 0)
    screen.devicesChanged()
    try present(leavesLayer: true)
    #expect(compared.way == .plane)
    try compared.expectSame("plugged in again")

    // Another card, whose controller has no such planes: what was to be a layer is painted by the processor, with all
    // that lies over it, until it is composed.
    card.remove()
    screen.devicesChanged()
    #expect(throws: (any Error).self) { try present() }
    card = try ConfiguredCard("plain", plugs: [.connected], hasOverlays: false)
    screen.devicesChanged()
    try present(leavesLayer: true)
    #expect(screen.layerCount == 0 && compared.way == .processor)
    try compared.expectSame("on a card without planes, as a layer")
    try present()
    #expect(compared.layer == nil)
    try compared.expectSame("on a card without planes, composed")
  }
}

import Realtime

/// Composes the tiles of a meeting into one picture for a screen, drawing only what changed.
///
/// Text and marks are drawn when they change (`update`) and kept as bitmaps; `compose` only scales, converts, copies
/// and blends, and allocates nothing.
///
/// Not thread-safe: confined to the thread that composes.
public final class Compositor {
  /// How many tiles were drawn since the start: grows only when something changes.
  public private(set) var drawnTileCount = 0
  /// Whether the screen may be left to show one large picture itself (`layer`).
  public var leavesLayer = false
  /// What the screen is to lay over the canvas, as of the last `compose`; nil if all is in the canvas.
  public private(set) var layer: VideoLayer?

  struct Overlay {
    var bitmap: Bitmap
    var x: Int
    var y: Int
  }

  struct Tile {
    var id: TileID
    var rectangle: PixelRectangle
    var isOverlaid: Bool
    var model: TileModel
    var frame: VideoFrame?
    var isDirty = true
    /// Whether its picture is another one than when it was last shown.
    var hasNewFrame = false
    var label: Bitmap?
    var avatar: Bitmap?
    var overlays: [Overlay] = []
    var rim: TileArt.Rim?
  }

  let width: Int
  let height: Int
  private let art: TileArt
  private let painter = TilePainter()
  private var places: [PlacedTile] = []
  private(set) var tiles: [Tile] = []
  private var indices: [TileID: Int] = [:]
  private(set) var foreground: [Overlay] = []
  private var overflow: Overlay?
  private var banner: String?
  private var link: String?
  private var hiddenCount = 0
  private var isAllDirty = true
  private weak var lastCanvas: Canvas?
  private var damage = Damage()
  private var plan: LayerPlan?

  /// A compositor for canvases of the given size.
  public init(width: Int, height: Int) {
    self.width = min(max(width, 1), Canvas.maximumDimension)
    self.height = min(max(height, 1), Canvas.maximumDimension)
    art = TileArt(canvasHeight: self.height)
  }

  /// Takes over what is to be shown: call it when the layout, a name or a mark changes. Tiles keep their last frames.
  ///
  /// - Parameters:
  ///   - arrangement: where the tiles are; one without a model is not shown.
  ///   - models: what is written on them.
  ///   - banner: a message at the top, such as that the meeting is recorded.
  ///   - link: what phones in the room may open, shown as a QR code.
  public func update(
    _ arrangement: Arrangement, models: [TileModel], banner: String? = nil, link: String? = nil
  ) {
    let isNewForeground = banner != self.banner || link != self.link || arrangement.hidden.count != hiddenCount
    if isNewForeground {
      self.banner = banner
      self.link = link
      hiddenCount = arrangement.hidden.count
      drawForeground()
    }
    if isNewForeground || arrangement.tiles != places {
      rearrange(arrangement, models)
      return
    }
    for model in models {
      if let index = indices[model.id] { change(&tiles[index], to: model) }
    }
  }

  /// Gives a tile its next picture, or takes it away; ignored if the tile is not shown.
  ///
  /// The compositor holds the frame until the next one comes.
  public func setFrame(_ frame: VideoFrame?, for id: TileID) {
    guard let index = indices[id] else { return }
    if frame == nil && tiles[index].frame == nil { return }
    tiles[index].frame = frame
    // A tile that shows initials doesn't change with frames.
    if tiles[index].model.hasVideo { tiles[index].hasNewFrame = true }
  }

  /// Brings `canvas` up to date and gives what changed in it since the last call.
  ///
  /// The canvas has the compositor's size, else nothing is drawn. Another canvas than the last time is drawn anew.
  public func compose(into canvas: Canvas) -> Damage {
    damage.removeAll()
    guard canvas.width == width, canvas.height == height else { return damage }
    if isAllDirty || lastCanvas !== canvas {
      lastCanvas = canvas
      isAllDirty = false
      for index in tiles.indices { tiles[index].isDirty = true }
      painter.fill(canvas, canvas.bounds, Palette.background)
      damage.add(canvas.bounds)
    }
    updateLayer()
    for index in tiles.indices {
      // What lies in front of a layer's picture is drawn there.
      if index == plan?.inset || (!tiles[index].isDirty && !isCovered(index)) { continue }
      tiles[index].isDirty = true
      draw(tiles[index], canvas, isLayer: index == plan?.main)
      damage.add(tiles[index].rectangle)
    }
    drawForeground(canvas)
    for index in tiles.indices { tiles[index].isDirty = false }
    return damage
  }

  /// Decides what is left to the screen, and what the canvas has to show instead of it.
  private func updateLayer() {
    let old = plan
    plan = leavesLayer ? findLayer() : nil
    if plan != old {
      for index in [old?.main, old?.inset, plan?.main, plan?.inset] {
        if let index, tiles.indices.contains(index) { tiles[index].isDirty = true }
      }
    }
    let hasNewMarks = plan.map { tiles[$0.main].isDirty || $0.inset.map { tiles[$0].isDirty } ?? false } ?? false
    if plan != old || hasNewMarks { layer = nil }
    layer = plan.flatMap { makeLayer($0, old: layer) }
    for index in tiles.indices where tiles[index].hasNewFrame {
      tiles[index].hasNewFrame = false
      if index != plan?.main && index != plan?.inset { tiles[index].isDirty = true }
    }
  }

  /// Whether a tile drawn before in this pass overlaps tile `index`, as the main tile does the one in the corner.
  private func isCovered(_ index: Int) -> Bool {
    for earlier in 0..<index where tiles[earlier].isDirty {
      if !tiles[earlier].rectangle.intersection(tiles[index].rectangle).isEmpty { return true }
    }
    return false
  }

  private func draw(_ tile: Tile, _ canvas: Canvas, isLayer: Bool) {
    drawnTileCount += 1
    let rectangle = tile.rectangle
    if isLayer {
      // Beside the picture there may be bars.
      painter.fill(canvas, rectangle, Palette.tile)
    } else if tile.model.hasVideo, let frame = tile.frame {
      painter.paint(frame, into: canvas, rectangle, isWhole: tile.model.isScreenShare)
    } else {
      painter.fill(canvas, rectangle, Palette.tile)
      if let avatar = tile.avatar {
        let x = rectangle.x + (rectangle.width - avatar.width) / 2
        // A little above the middle: the label is below.
        let y = rectangle.y + (rectangle.height - avatar.height) * 42 / 100
        avatar.blend(over: canvas, x: x, y: y, clip: rectangle)
      }
    }
    for overlay in tile.overlays {
      overlay.bitmap.blend(over: canvas, x: rectangle.x + overlay.x, y: rectangle.y + overlay.y, clip: rectangle)
    }
    if let rim = tile.rim {
      for part in rim.parts {
        part.bitmap.blend(over: canvas, x: rectangle.x + part.x, y: rectangle.y + part.y, clip: rectangle)
      }
    }
  }

  /// The banner and the count of those not shown lie over the tiles: where a tile was drawn, they are drawn again.
  private func drawForeground(_ canvas: Canvas) {
    for overlay in foreground {
      let place = PixelRectangle(
        x: overlay.x, y: overlay.y, width: overlay.bitmap.width, height: overlay.bitmap.height
      ).intersection(canvas.bounds)
      for index in damage.rectangles.indices {
        blend(overlay, canvas, damage.rectangles[index].intersection(place), outside: 0..<index)
      }
    }
  }

  /// Blends the part of `overlay` in `area` but not in the damaged rectangles `earlier`, where it was blended already:
  /// twice would not give the same pixels.
  private func blend(_ overlay: Overlay, _ canvas: Canvas, _ area: PixelRectangle, outside earlier: Range<Int>) {
    if area.isEmpty { return }
    for index in earlier {
      let common = damage.rectangles[index].intersection(area)
      if common.isEmpty { continue }
      let rest = (index + 1)..<earlier.upperBound
      let parts = (
        PixelRectangle(x: area.x, y: area.y, width: area.width, height: common.y - area.y),
        PixelRectangle(x: area.x, y: common.maxY, width: area.width, height: area.maxY - common.maxY),
        PixelRectangle(x: area.x, y: common.y, width: common.x - area.x, height: common.height),
        PixelRectangle(x: common.maxX, y: common.y, width: area.maxX - common.maxX, height: common.height)
      )
      blend(overlay, canvas, parts.0, outside: rest)
      blend(overlay, canvas, parts.1, outside: rest)
      blend(overlay, canvas, parts.2, outside: rest)
      blend(overlay, canvas, parts.3, outside: rest)
      return
    }
    overlay.bitmap.blend(over: canvas, x: overlay.x, y: overlay.y, clip: area)
  }

  private func drawForeground() {
    foreground = []
    overflow = nil
    if let banner, !banner.isEmpty {
      let bitmap = art.banner(banner, canvasWidth: width)
      foreground.append(Overlay(bitmap: bitmap, x: (width - bitmap.width) / 2, y: Int(28 * art.scale)))
    }
    let margin = Int(28 * art.scale)
    if let bitmap = link.flatMap({ art.code($0) }) {
      // On the left: the room's own picture and the count of those not shown are on the right.
      foreground.append(Overlay(bitmap: bitmap, x: margin, y: height - bitmap.height - margin))
    }
    if hiddenCount > 0 {
      let bitmap = art.overflow(hiddenCount)
      let overlay = Overlay(bitmap: bitmap, x: width - bitmap.width - margin, y: height - bitmap.height - margin)
      foreground.append(overlay)
      overflow = overlay
    }
  }

  private func rearrange(_ arrangement: Arrangement, _ models: [TileModel]) {
    let old = tiles
    tiles = []
    plan = nil
    places = arrangement.tiles
    for place in arrangement.tiles {
      guard let model = models.last(where: { $0.id == place.id }) else { continue }
      let rectangle = place.rectangle.intersection(PixelRectangle(x: 0, y: 0, width: width, height: height))
      if rectangle.isEmpty { continue }
      var tile = Tile(id: place.id, rectangle: rectangle, isOverlaid: place.role == .corner, model: model)
      tile.frame = indices[place.id].flatMap { old[$0].frame }
      drawLabel(&tile)
      placeOverlays(&tile)
      tiles.append(tile)
    }
    indices = [:]
    for index in tiles.indices { indices[tiles[index].id] = index }
    isAllDirty = true
  }

  private func change(_ tile: inout Tile, to model: TileModel) {
    if model == tile.model { return }
    let isSameText = model.label == tile.model.label && model.shownInitials == tile.model.shownInitials
    tile.model = model
    if !isSameText { drawLabel(&tile) }
    placeOverlays(&tile)
    tile.isDirty = true
  }

  private func drawLabel(_ tile: inout Tile) {
    let rectangle = tile.rectangle
    tile.label =
      tile.model.label.isEmpty
      ? nil : art.label(tile.model.label, maximumWidth: labelWidth(rectangle), tileHeight: rectangle.height)
    tile.avatar = art.avatar(tile.model.shownInitials, name: tile.model.label, tileHeight: rectangle.height)
  }

  /// How wide a label may be: it leaves room for the count of those not shown, if that lies on the same line.
  private func labelWidth(_ rectangle: PixelRectangle) -> Int {
    let margin = art.labelMargin(tileHeight: rectangle.height)
    var end = rectangle.maxX
    if let overflow, rectangle.x < overflow.x, overflow.x < rectangle.maxX,
      overflow.y < rectangle.maxY, rectangle.y < overflow.y
    {
      end = overflow.x
    }
    return end - rectangle.x - 2 * margin
  }

  private func placeOverlays(_ tile: inout Tile) {
    let (width, height) = (tile.rectangle.width, tile.rectangle.height)
    let margin = art.labelMargin(tileHeight: height)
    tile.overlays = []
    if let label = tile.label {
      let y = height - margin - label.height
      tile.overlays.append(Overlay(bitmap: label, x: margin, y: y))
      let icon: Icon =
        tile.model.isScreenShare
        ? .screen : tile.model.isMuted ? .microphoneMuted : tile.model.isSpeaking ? .speaking : .microphone
      let size = art.labelIconSize(tileHeight: height)
      tile.overlays.append(
        Overlay(
          bitmap: art.icon(icon, size: size), x: margin + art.labelIconInset(tileHeight: height),
          y: y + (label.height - size) / 2))
    }
    if tile.model.isHandRaised {
      tile.overlays.append(Overlay(bitmap: art.badge(.hand, tileHeight: height), x: margin, y: margin))
    }
    if tile.model.connection != .good {
      let icon: Icon = tile.model.connection == .lost ? .connectionLost : .connectionWeak
      let badge = art.badge(icon, tileHeight: height)
      tile.overlays.append(Overlay(bitmap: badge, x: width - margin - badge.width, y: margin))
    }
    tile.rim = art.rim(
      width: width, height: height, isSpeaking: tile.model.isSpeaking && !tile.model.isMuted,
      isOverlaid: tile.isOverlaid)
  }
}

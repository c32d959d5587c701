/// Which tiles are left to the screen.
struct LayerPlan: Equatable {
  /// The large tile's index.
  var main: Int
  /// The index of the one that lies in front of its picture, if there is one.
  var inset: Int?
  /// The part of the picture that is seen, and where.
  var source: PixelRectangle
  var target: PixelRectangle
}

extension Compositor {
  /// A picture that covers less of the screen isn't worth a plane of the display's controller.
  private static let leastPart = 0.25

  /// The largest picture, if the screen can show it with all that lies in front of it.
  func findLayer() -> LayerPlan? {
    var main: Int?
    for index in tiles.indices where picture(index) != nil {
      if let main, area(index) <= area(main) { continue }
      main = index
    }
    guard let main, let frame = picture(main), Double(area(main)) >= Self.leastPart * Double(width * height) else {
      return nil
    }
    let tile = tiles[main]
    let (source, target) = TilePainter.fit(
      width: frame.width, height: frame.height, into: tile.rectangle, isWhole: tile.model.isScreenShare)
    guard source.width >= 2, source.height >= 2, target.width & 1 == 0, target.height & 1 == 0, !target.isEmpty else {
      return nil
    }
    var plan = LayerPlan(main: main, source: source, target: target)
    for index in tiles.indices where index != main {
      if tiles[index].rectangle.intersection(target).isEmpty { continue }
      guard plan.inset == nil, index > main, fits(index, into: target, frame.colorMatrix) else { return nil }
      plan.inset = index
    }
    return plan
  }

  /// Whether a tile can be drawn into a picture at `target`: it lies on whole chroma samples and is full of a picture of
  /// the same kind.
  private func fits(_ index: Int, into target: PixelRectangle, _ matrix: ColorMatrix) -> Bool {
    let (tile, place) = (tiles[index], tiles[index].rectangle)
    guard let frame = picture(index), frame.colorMatrix == matrix, target.contains(place) else { return false }
    let fit = TilePainter.fit(
      width: frame.width, height: frame.height, into: place, isWhole: tile.model.isScreenShare)
    return fit.target == place && (place.x - target.x | place.y - target.y | place.width | place.height) & 1 == 0
  }

  private func picture(_ index: Int) -> VideoFrame? { tiles[index].model.hasVideo ? tiles[index].frame : nil }

  private func area(_ index: Int) -> Int { tiles[index].rectangle.width * tiles[index].rectangle.height }

  /// The layer of `plan`; the marks are `old`'s, if there is one.
  func makeLayer(_ plan: LayerPlan, old: VideoLayer?) -> VideoLayer? {
    guard let frame = tiles[plan.main].frame else { return nil }
    var layer =
      old
      ?? VideoLayer(
        id: tiles[plan.main].id.rawValue, frame: frame, source: plan.source, destination: plan.target,
        marks: LayerMarks(marks(of: plan.main, plan.target) + (plan.inset == nil ? foregroundMarks(plan.target) : [])))
    layer.frame = frame
    if let index = plan.inset, let frame = tiles[index].frame {
      let tile = tiles[index]
      let (source, target) = TilePainter.fit(
        width: frame.width, height: frame.height, into: tile.rectangle, isWhole: tile.model.isScreenShare)
      let place = PixelRectangle(
        x: target.x - plan.target.x, y: target.y - plan.target.y, width: target.width, height: target.height)
      let marks = old?.inset?.marks ?? LayerMarks(marks(of: index, plan.target) + foregroundMarks(plan.target))
      layer.inset = VideoLayer.Inset(frame: frame, source: source, place: place, marks: marks)
    }
    return layer
  }

  /// What is written on a tile, as far as it lies in a layer at `target`.
  private func marks(of index: Int, _ target: PixelRectangle) -> [LayerMarks.Part] {
    let tile = tiles[index]
    let seen = tile.rectangle.intersection(target)
    let clip = PixelRectangle(x: seen.x - target.x, y: seen.y - target.y, width: seen.width, height: seen.height)
    func part(_ bitmap: Bitmap, _ x: Int, _ y: Int) -> LayerMarks.Part {
      LayerMarks.Part(
        bitmap: bitmap, x: tile.rectangle.x + x - target.x, y: tile.rectangle.y + y - target.y, clip: clip)
    }
    let rim = (tile.rim?.parts ?? []).map { part($0.bitmap, $0.x, $0.y) }
    return tile.overlays.map { part($0.bitmap, $0.x, $0.y) } + rim
  }

  private func foregroundMarks(_ target: PixelRectangle) -> [LayerMarks.Part] {
    let clip = PixelRectangle(x: 0, y: 0, width: target.width, height: target.height)
    return foreground.compactMap { overlay in
      let place = PixelRectangle(
        x: overlay.x, y: overlay.y, width: overlay.bitmap.width, height: overlay.bitmap.height)
      guard !place.intersection(target).isEmpty else { return nil }
      return LayerMarks.Part(bitmap: overlay.bitmap, x: overlay.x - target.x, y: overlay.y - target.y, clip: clip)
    }
  }
}

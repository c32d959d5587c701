import Realtime

/// How the tiles are arranged.
public enum LayoutMode: Hashable, Sendable {
  /// A shared screen large if there is one, else all equal.
  case grid
  /// A shared screen large if there is one, else the speaker; the others in a strip.
  case speaker
}

/// Where the room's own picture goes.
public enum SelfView: Hashable, Sendable {
  /// In a corner while one other participant is shown, else among the others, last.
  case automatic
  /// Always small in a corner.
  case corner
  /// Nowhere, unless the room is alone.
  case hidden
}

/// What the layout must know of a picture.
public struct LayoutCandidate: Hashable, Sendable {
  /// Which tile.
  public var id: TileID
  /// Whether it is a shared screen.
  public var isScreenShare: Bool
  /// Whether it is the room's own camera.
  public var isSelf: Bool
  /// When its participant last spoke, if ever.
  public var lastSpoke: Instant?

  /// A picture that could be shown.
  public init(id: TileID, isScreenShare: Bool = false, isSelf: Bool = false, lastSpoke: Instant? = nil) {
    self.id = id
    self.isScreenShare = isScreenShare
    self.isSelf = isSelf
    self.lastSpoke = lastSpoke
  }
}

/// Decides who is shown where, so that nobody's place changes without need.
///
/// People keep the order in which they came. When there are more than fit, those stay who are there; one who is not
/// shown and speaks takes the place of the one who has been silent longest.
public struct Layout: Sendable {
  /// How tiles are arranged.
  public var mode: LayoutMode
  /// Where the room's own picture goes.
  public var selfView: SelfView
  /// The most tiles of a grid, 1…49.
  public var maximumGridTiles: Int
  /// How many tiles fit into the strip, 1…8.
  public var stripCapacity: Int

  /// The others' tiles in the order of their places.
  private var places: [TileID] = []

  /// A layout without anybody.
  public init(
    mode: LayoutMode = .grid, selfView: SelfView = .automatic, maximumGridTiles: Int = 16, stripCapacity: Int = 5
  ) {
    self.mode = mode
    self.selfView = selfView
    self.maximumGridTiles = min(max(maximumGridTiles, 1), 49)
    self.stripCapacity = min(max(stripCapacity, 1), 8)
  }

  /// Arranges `candidates`, which come in the order of joining, on a canvas.
  ///
  /// - Parameters:
  ///   - candidates: all pictures there are; of several shared screens the last is shown large.
  ///   - speaker: who is shown large in `speaker` mode (see `SpeakerSelector`).
  ///   - width: the canvas' width, pixels.
  ///   - height: the canvas' height, pixels.
  public mutating func arrange(
    _ candidates: [LayoutCandidate], speaker: TileID?, width: Int, height: Int
  ) -> Arrangement {
    let gap = max(height / 90, 2) & ~1
    let area = PixelRectangle(x: 0, y: 0, width: width, height: height).inset(by: gap)
    let own = candidates.last { $0.isSelf && !$0.isScreenShare }?.id
    let share = candidates.last { $0.isScreenShare }?.id
    let others = candidates.filter { !$0.isSelf && !$0.isScreenShare }
    let otherShares = candidates.filter { $0.isScreenShare && $0.id != share }.map(\.id)

    var main = share
    if main == nil && mode == .speaker {
      main = others.contains { $0.id == speaker } ? speaker : others.first?.id
    }
    if main == nil && others.count == 1 { main = others[0].id }
    var arrangement: Arrangement
    if let main {
      arrangement = besideMain(main, others, own: own, in: area, gap: gap)
    } else {
      arrangement = inGrid(others, own: own, in: area, gap: gap)
    }
    arrangement.hidden += otherShares
    return arrangement
  }

  private mutating func inGrid(
    _ others: [LayoutCandidate], own: TileID?, in area: PixelRectangle, gap: Int
  ) -> Arrangement {
    let ownTile = selfView == .automatic || others.isEmpty ? own : nil
    let shown = updatePlaces(others, capacity: max(maximumGridTiles - (ownTile == nil ? 0 : 1), 1))
    let identifiers = shown + (ownTile.map { [$0] } ?? [])
    let rectangles = LayoutGeometry.grid(count: identifiers.count, in: area, gap: gap)
    var tiles = zip(identifiers, rectangles).map { PlacedTile(id: $0, role: .grid, rectangle: $1) }
    if ownTile == nil, selfView == .corner, let own { tiles.append(corner(own, in: area, gap: gap)) }
    return Arrangement(tiles: tiles, hidden: hidden(others, shown: shown))
  }

  private mutating func besideMain(
    _ main: TileID, _ others: [LayoutCandidate], own: TileID?, in area: PixelRectangle, gap: Int
  ) -> Arrangement {
    let rest = others.filter { $0.id != main }
    let ownInStrip = selfView == .automatic && !rest.isEmpty ? own : nil
    let shown = updatePlaces(others, capacity: max(stripCapacity - (ownInStrip == nil ? 0 : 1), 1), except: main)
    let identifiers = Array((shown + (ownInStrip.map { [$0] } ?? [])).prefix(stripCapacity))
    let (mainRectangle, strip) = LayoutGeometry.mainAndStrip(
      stripCount: identifiers.count, capacity: stripCapacity, in: area, gap: gap)
    var tiles = [PlacedTile(id: main, role: .main, rectangle: mainRectangle)]
    tiles += zip(identifiers, strip).map { PlacedTile(id: $0, role: .strip, rectangle: $1) }
    if ownInStrip == nil, selfView != .hidden, let own { tiles.append(corner(own, in: area, gap: gap)) }
    return Arrangement(tiles: tiles, hidden: hidden(rest, shown: shown))
  }

  private func corner(_ id: TileID, in area: PixelRectangle, gap: Int) -> PlacedTile {
    let width = area.width / 5 & ~1
    let height = width * LayoutGeometry.aspect.height / LayoutGeometry.aspect.width & ~1
    return PlacedTile(
      id: id, role: .corner,
      rectangle: PixelRectangle(
        x: area.maxX - width - 2 * gap, y: area.maxY - height - 2 * gap, width: width, height: height))
  }

  private func hidden(_ others: [LayoutCandidate], shown: [TileID]) -> [TileID] {
    others.filter { !shown.contains($0.id) }
      .sorted { ($0.lastSpoke ?? .longAgo) > ($1.lastSpoke ?? .longAgo) }.map(\.id)
  }

  /// Who of `others` is shown, at most `capacity`, in the order of their places. `main` is shown elsewhere for now but
  /// keeps its place in the order.
  private mutating func updatePlaces(
    _ others: [LayoutCandidate], capacity: Int, except main: TileID? = nil
  ) -> [TileID] {
    places.removeAll { id in !others.contains { $0.id == id } }
    for candidate in others where !places.contains(candidate.id) { places.append(candidate.id) }
    var shown = places.filter { $0 != main }
    guard shown.count > capacity else { return shown }

    func lastSpoke(_ id: TileID) -> Instant {
      others.first { $0.id == id }?.lastSpoke ?? .longAgo
    }
    for index in capacity..<shown.count {
      guard let silent = shown[..<capacity].indices.min(by: { lastSpoke(shown[$0]) < lastSpoke(shown[$1]) }),
        lastSpoke(shown[index]) > lastSpoke(shown[silent])
      else { continue }
      exchange(shown[index], shown[silent])
      shown.swapAt(index, silent)
    }
    return Array(shown[..<capacity])
  }

  private mutating func exchange(_ left: TileID, _ right: TileID) {
    guard let first = places.firstIndex(of: left), let second = places.firstIndex(of: right) else { return }
    places.swapAt(first, second)
  }
}

extension Instant {
  /// Earlier than any instant of a clock.
  static let longAgo = Instant(nanoseconds: .min)
}

/// Names a picture on the screen: one participant's camera or one shared screen. The caller chooses the numbers.
public struct TileID: Hashable, Sendable {
  /// The number.
  public var rawValue: Int

  /// The tile of that number.
  public init(_ rawValue: Int) {
    self.rawValue = rawValue
  }
}

/// A tile's place in the layout.
public enum TileRole: Hashable, Sendable {
  /// One of many of equal size.
  case grid
  /// The large one: the speaker or the shared screen.
  case main
  /// One of the small ones beside the large one.
  case strip
  /// The room's own picture in a corner, over the others.
  case corner
}

/// Where a tile is shown. The rectangle's size is also what to ask the media server for (LiveKit's
/// `UpdateTrackSettings`).
public struct PlacedTile: Hashable, Sendable {
  /// Which tile.
  public var id: TileID
  /// Its place in the layout.
  public var role: TileRole
  /// Where on the canvas, pixels.
  public var rectangle: PixelRectangle

  /// A tile at its place.
  public init(id: TileID, role: TileRole, rectangle: PixelRectangle) {
    self.id = id
    self.role = role
    self.rectangle = rectangle
  }
}

/// What the screen shows, back to front, and what it doesn't.
public struct Arrangement: Hashable, Sendable {
  /// The visible tiles; later ones lie over earlier ones.
  public var tiles: [PlacedTile]
  /// The tiles for which there is no room, most important first. Their video need not be received.
  public var hidden: [TileID]

  /// An arrangement.
  public init(tiles: [PlacedTile] = [], hidden: [TileID] = []) {
    self.tiles = tiles
    self.hidden = hidden
  }
}

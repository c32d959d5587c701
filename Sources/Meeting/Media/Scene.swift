import Video

/// All that the screen is to show.
struct Scene: Sendable {
  /// Where the tiles are.
  var arrangement = Arrangement()
  /// What is written on them.
  var tiles: [TileModel] = []
  /// A message at the top.
  var banner: String?
  /// Where the tiles' pictures come from; a tile without shows initials.
  var sources: [TileID: any FrameSource] = [:]

  init(
    arrangement: Arrangement = Arrangement(), tiles: [TileModel] = [], banner: String? = nil,
    sources: [TileID: any FrameSource] = [:]
  ) {
    self.arrangement = arrangement
    self.tiles = tiles
    self.banner = banner
    self.sources = sources
  }
}

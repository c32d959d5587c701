import Video

/// All that the screen is to show.
struct Scene: Sendable {
  /// Where the tiles are.
  var arrangement = Arrangement()
  /// What is written on them.
  var tiles: [TileModel] = []
  /// A message at the top.
  var banner: String?
  /// A link to show as a QR code.
  var link: String?
  /// Where the tiles' pictures come from; a tile without shows initials.
  var sources: [TileID: any FrameSource] = [:]

  init(
    arrangement: Arrangement = Arrangement(), tiles: [TileModel] = [], banner: String? = nil,
    link: String? = nil, sources: [TileID: any FrameSource] = [:]
  ) {
    self.arrangement = arrangement
    self.tiles = tiles
    self.banner = banner
    self.link = link
    self.sources = sources
  }
}

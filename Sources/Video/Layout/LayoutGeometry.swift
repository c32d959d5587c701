/// The geometry of the layouts: pure functions from a number of tiles and an area to rectangles.
public enum LayoutGeometry {
  /// The proportions of every tile, those of most cameras.
  static let aspect = (width: 16, height: 9)

  /// `count` equal 16:9 tiles, as large as they fit into `area` with `gap` pixels between them, row by row; the last
  /// row is centred.
  public static func grid(count: Int, in area: PixelRectangle, gap: Int) -> [PixelRectangle] {
    guard count > 0, !area.isEmpty else { return [] }
    var best = (columns: 1, width: 0)
    for columns in 1...count {
      let width = tileWidth(columns: columns, rows: (count + columns - 1) / columns, in: area, gap: gap)
      if width > best.width { best = (columns, width) }
    }
    guard best.width >= 16 else { return [] }
    let width = best.width
    let height = width * aspect.height / aspect.width & ~1
    let rows = (count + best.columns - 1) / best.columns
    let top = area.y + (area.height - rows * height - (rows - 1) * gap) / 2
    return (0..<count).map { index in
      let row = index / best.columns
      let inRow = row == rows - 1 ? count - row * best.columns : best.columns
      let left = area.x + (area.width - inRow * width - (inRow - 1) * gap) / 2
      let column = index - row * best.columns
      return PixelRectangle(
        x: left + column * (width + gap), y: top + row * (height + gap), width: width, height: height)
    }
  }

  /// A large 16:9 tile on the left and up to `capacity` small ones in a column on its right, the column as wide as
  /// `capacity` tiles fill its height. Without small tiles the large one takes the area.
  public static func mainAndStrip(
    stripCount: Int, capacity: Int, in area: PixelRectangle, gap: Int
  ) -> (main: PixelRectangle, strip: [PixelRectangle]) {
    let capacity = max(capacity, 1)
    let count = min(max(stripCount, 0), capacity)
    guard count > 0 else { return (fitted(in: area), []) }
    let height = (area.height - (capacity - 1) * gap) / capacity & ~1
    let width = height * aspect.width / aspect.height & ~1
    let rest = PixelRectangle(x: area.x, y: area.y, width: area.width - width - gap, height: area.height)
    let main = fitted(in: rest)
    let left = area.maxX - width
    let used = count * height + (count - 1) * gap
    // A short column starts at the main tile's top; a long one is centred, like the main tile.
    let top = used <= main.height ? main.y : area.y + (area.height - used) / 2
    let strip = (0..<count).map { index in
      PixelRectangle(x: left, y: top + index * (height + gap), width: width, height: height)
    }
    return (main, strip)
  }

  /// The largest 16:9 rectangle in the middle of `area`.
  public static func fitted(in area: PixelRectangle) -> PixelRectangle {
    let width = min(area.width, area.height * aspect.width / aspect.height) & ~1
    let height = width * aspect.height / aspect.width & ~1
    return PixelRectangle(
      x: area.x + (area.width - width) / 2 & ~1, y: area.y + (area.height - height) / 2 & ~1, width: width,
      height: height)
  }

  private static func tileWidth(columns: Int, rows: Int, in area: PixelRectangle, gap: Int) -> Int {
    let byWidth = (area.width - (columns - 1) * gap) / columns
    let byHeight = (area.height - (rows - 1) * gap) / rows * aspect.width / aspect.height
    return max(min(byWidth, byHeight), 0) & ~1
  }
}

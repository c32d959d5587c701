/// The parts of a canvas that changed, as at most `limit` rectangles that may overlap.
///
/// Beyond the limit rectangles are merged: a screen copies a little too much rather than keeping a long list.
public struct Damage: Sendable {
  /// The largest number of rectangles; enough for every tile of a full layout and its labels.
  public static let limit = 64

  /// The rectangles.
  public private(set) var rectangles: [PixelRectangle] = []

  /// No damage, with room for all rectangles, so that adding never allocates.
  public init() {
    rectangles.reserveCapacity(Self.limit)
  }

  /// Whether nothing changed.
  public var isEmpty: Bool { rectangles.isEmpty }

  /// The smallest rectangle around all damage; empty when there is none.
  public var bounds: PixelRectangle {
    rectangles.reduce(PixelRectangle(x: 0, y: 0, width: 0, height: 0)) { $0.union($1) }
  }

  /// Forgets all damage.
  public mutating func removeAll() {
    rectangles.removeAll(keepingCapacity: true)
  }

  /// Adds the pixels of `rectangle`.
  public mutating func add(_ rectangle: PixelRectangle) {
    if rectangle.isEmpty { return }
    for index in rectangles.indices where rectangles[index].contains(rectangle) { return }
    if rectangles.count < Self.limit {
      rectangles.append(rectangle)
    } else {
      rectangles[rectangles.count - 1] = rectangles[rectangles.count - 1].union(rectangle)
    }
  }

  /// Adds all of `other`, as a screen with several buffers does to bring an older one up to date.
  public mutating func add(_ other: Damage) {
    for rectangle in other.rectangles { add(rectangle) }
  }
}

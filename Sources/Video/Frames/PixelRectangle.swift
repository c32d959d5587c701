/// A rectangle of whole pixels; the origin is the top left corner, y grows downwards.
public struct PixelRectangle: Hashable, Sendable {
  /// Left edge, pixels.
  public var x: Int
  /// Top edge, pixels.
  public var y: Int
  /// Width, pixels.
  public var width: Int
  /// Height, pixels.
  public var height: Int

  /// The rectangle with its top left corner at (`x`, `y`).
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Whether it covers no pixel.
  public var isEmpty: Bool { width <= 0 || height <= 0 }
  /// The column right of its last.
  public var maxX: Int { x + width }
  /// The row below its last.
  public var maxY: Int { y + height }

  /// The pixels in both rectangles.
  public func intersection(_ other: PixelRectangle) -> PixelRectangle {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return PixelRectangle(
      x: left, y: top, width: max(min(maxX, other.maxX) - left, 0), height: max(min(maxY, other.maxY) - top, 0))
  }

  /// The smallest rectangle around both.
  public func union(_ other: PixelRectangle) -> PixelRectangle {
    if isEmpty { return other }
    if other.isEmpty { return self }
    let left = min(x, other.x)
    let top = min(y, other.y)
    return PixelRectangle(
      x: left, y: top, width: max(maxX, other.maxX) - left, height: max(maxY, other.maxY) - top)
  }

  /// Whether `other` lies wholly inside.
  public func contains(_ other: PixelRectangle) -> Bool {
    other.x >= x && other.y >= y && other.maxX <= maxX && other.maxY <= maxY
  }

  /// The rectangle shrunk by `margin` pixels on each side.
  public func inset(by margin: Int) -> PixelRectangle {
    PixelRectangle(x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin)
  }
}

import Realtime
import Video

/// Pictures for screens, and comparing them.
enum ScreenPicture {
  /// A canvas of random pixels.
  static func noise(width: Int, height: Int, seed: UInt64) -> Canvas {
    let canvas = Canvas(width: width, height: height)
    var random = SeededRandom(seed: seed)
    fill(canvas, canvas.bounds, &random)
    return canvas
  }

  /// Fills a part of a canvas with random pixels.
  static func fill(_ canvas: Canvas, _ area: PixelRectangle, _ random: inout SeededRandom) {
    for y in area.y..<area.maxY {
      let row = UnsafeMutableRawPointer(canvas.pixels + y * canvas.stride).assumingMemoryBound(to: UInt32.self)
      for x in area.x..<area.maxX { row[x] = UInt32.random(in: 0...0xFF_FFFF, using: &random) }
    }
  }

  /// Fills as many parts of a canvas as `count` says, each of at most that size, with random pixels; gives the damage.
  static func scribble(
    _ canvas: Canvas, count: ClosedRange<Int>, width: Int, height: Int, _ random: inout SeededRandom
  ) -> Damage {
    var damage = Damage()
    for _ in 0..<Int.random(in: count, using: &random) {
      let x = Int.random(in: 0..<canvas.width, using: &random)
      let y = Int.random(in: 0..<canvas.height, using: &random)
      let area = PixelRectangle(x: x, y: y, width: min(width, canvas.width - x), height: min(height, canvas.height - y))
      fill(canvas, area, &random)
      damage.add(area)
    }
    return damage
  }

  /// A canvas like `canvas`, each of whose red, green and blue values became what `map` says, 0 to 255.
  static func mapped(_ canvas: Canvas, _ map: (UInt8) -> Double) -> Canvas {
    let table = (0...255).map { UInt8(map($0)) }
    let result = Canvas(width: canvas.width, height: canvas.height)
    for y in 0..<canvas.height {
      let (from, to) = (canvas.pixels + y * canvas.stride, result.pixels + y * result.stride)
      for byte in 0..<4 * canvas.width { to[byte] = table[Int(from[byte])] }
    }
    return result
  }

  /// How many pixels of `left`, from (`x`, `y`) on, differ from all of `right`, in red, green or blue.
  static func differences(_ left: Canvas, x: Int = 0, y: Int = 0, _ right: Canvas, tolerance: Int = 0) -> Int {
    guard left.width >= x + right.width, left.height >= y + right.height else { return .max }
    var count = 0
    for row in 0..<right.height {
      let a = left.pixels + (y + row) * left.stride + 4 * x
      let b = right.pixels + row * right.stride
      for column in 0..<right.width {
        for channel in 0..<3 where abs(Int(a[4 * column + channel]) - Int(b[4 * column + channel])) > tolerance {
          count += 1
          break
        }
      }
    }
    return count
  }

  /// Damage of the rectangles.
  static func damage(_ rectangles: PixelRectangle...) -> Damage {
    var damage = Damage()
    for rectangle in rectangles { damage.add(rectangle) }
    return damage
  }
}

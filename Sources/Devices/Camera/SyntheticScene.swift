import Realtime
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A picture that is a function of time alone: a calm landscape of colour with a sun that goes round, hills that drift,
/// a running clock, a flash in the first tenth of each second, and the time in blocks that a program can read.
///
/// Cheap: what stands still is painted once and copied.
public final class SyntheticScene {
  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int

  /// How long the flash lasts from the start of each second, and the beep of `SyntheticSound` with it.
  public static let flashDuration = Duration.milliseconds(100)
  /// Bits of the time in blocks: milliseconds up to 4.6 hours.
  static let timeCodeBits = 24

  private struct Colour {
    var y: UInt8
    var u: UInt8
    var v: UInt8
  }

  private let background: VideoFrame
  private let hills: [(top: Colour, phase: Double)]
  private let sun: Colour
  private let unit: Int
  /// The top row of the hill being painted, for every second column.
  private let outline: UnsafeMutableBufferPointer<Int>

  /// A scene of `width` × `height` pixels (64 × 64 at least). `variant` chooses the colours, so that several synthetic
  /// participants look different.
  public init(width: Int, height: Int, variant: Int = 0) {
    self.width = min(max(width, 64), VideoFrame.maximumDimension) & ~1
    self.height = min(max(height, 64), VideoFrame.maximumDimension) & ~1
    unit = max(min(self.width / 32, self.height / 18) & ~1, 2)
    // Turns the colours of dusk round the colour circle.
    let angle = Double(((variant % 12) + 12) % 12) * 2.4
    func colour(_ y: Int, _ u: Double, _ v: Double) -> Colour {
      let (c, s) = (cos(angle), sin(angle))
      return Colour(y: UInt8(y), u: UInt8(128 + u * c - v * s), v: UInt8(128 + u * s + v * c))
    }
    sun = colour(190, -40, 30)
    hills = [(colour(88, 14, -10), 0), (colour(66, 12, -14), 2), (colour(46, 10, -16), 4)]
    background = VideoFrame(width: self.width, height: self.height)
    outline = .allocate(capacity: self.width / 2)
    outline.initialize(repeating: 0)
    let (top, bottom) = (colour(70, 24, -8), colour(150, -8, 18))
    paintSky(from: top, to: bottom)
  }

  deinit {
    outline.deallocate()
  }

  private func paintSky(from top: Colour, to bottom: Colour) {
    func mix(_ a: UInt8, _ b: UInt8, _ row: Int, of rows: Int) -> UInt8 {
      UInt8((Int(a) * (rows - row) + Int(b) * row) / rows)
    }
    for row in 0..<height {
      (background.y + row * background.strideY).update(
        repeating: mix(top.y, bottom.y, row, of: height), count: background.strideY)
    }
    for row in 0..<background.chromaHeight {
      let offset = row * background.strideUV
      let rows = background.chromaHeight
      (background.u + offset).update(repeating: mix(top.u, bottom.u, row, of: rows), count: background.strideUV)
      (background.v + offset).update(repeating: mix(top.v, bottom.v, row, of: rows), count: background.strideUV)
    }
  }

  /// Paints the scene at `time` since its beginning into `frame`, which takes the scene's size.
  public func paint(_ frame: VideoFrame, at time: Duration) {
    frame.copy(from: background)
    let seconds = max(time.seconds, 0)
    paintSun(frame, seconds)
    for (index, hill) in hills.enumerated() { paintHill(frame, hill.top, hill.phase, index, seconds) }
    paintClock(frame, seconds)
    if seconds - seconds.rounded(.down) < Self.flashDuration.seconds {
      fill(frame, x: width - 5 * unit, y: unit, width: 4 * unit, height: 4 * unit, Colour(y: 235, u: 128, v: 128))
    }
    paintTimeCode(frame, milliseconds: Int(seconds * 1_000))
  }

  // MARK: What moves

  private func paintSun(_ frame: VideoFrame, _ seconds: Double) {
    let angle = seconds * 2 * Double.pi / 8
    let radius = 2 * unit
    let centreX = width / 2 + Int(cos(angle) * Double(width) * 0.3)
    let centreY = height * 2 / 5 - Int(sin(angle) * Double(height) * 0.2)
    for row in stride(from: -radius, to: radius, by: 2) {
      let half = Int(Double(radius * radius - row * row).squareRoot())
      fill(frame, x: centreX - half, y: centreY + row, width: 2 * half, height: 2, sun)
    }
  }

  private func paintHill(_ frame: VideoFrame, _ colour: Colour, _ phase: Double, _ index: Int, _ seconds: Double) {
    let base = Double(height) * (0.62 + 0.1 * Double(index))
    let swing = Double(height) * 0.05
    let length = Double(width) * (0.5 - 0.1 * Double(index))
    let drift = seconds * Double(unit) * (0.5 + Double(index) * 0.5)
    for column in stride(from: 0, to: width, by: 2) {
      let x = (Double(column) + drift) / length
      outline[column / 2] = Int(base + swing * sin(x * 2 * Double.pi + phase)) & ~1
    }
    // The next hill covers what is below this one's share. Of that only the upper part, where the outline runs, has to
    // be looked at column by column.
    let end = index + 1 < hills.count ? min(Int(base + 0.16 * Double(height)), height) & ~1 : height
    let full = min(Int(base + swing + 2) & ~1, end)
    for row in stride(from: Int(base - swing) & ~1, to: full, by: 2) {
      var column = 0
      while column < width {
        while column < width && outline[column / 2] > row { column += 2 }
        let start = column
        while column < width && outline[column / 2] <= row { column += 2 }
        if column > start { fill(frame, x: start, y: row, width: column - start, height: 2, colour) }
      }
    }
    fill(frame, x: 0, y: full, width: width, height: end - full, colour)
  }

  /// Seven bits a digit: top, upper right, lower right, bottom, lower left, upper left, middle.
  private static let segments: InlineArray<10, UInt8> = [
    0b0111111, 0b0000110, 0b1011011, 0b1001111, 0b1100110, 0b1101101, 0b1111101, 0b0000111, 0b1111111, 0b1101111,
  ]

  /// Minutes, seconds and tenths in the lower left, on the dark of the nearest hill.
  private func paintClock(_ frame: VideoFrame, _ seconds: Double) {
    let total = Int(seconds)
    let white = Colour(y: 225, u: 128, v: 128)
    let digit = max(unit * 3 / 4 & ~1, 2)
    let y = (height - Self.blockSize(width: width) - 4 * digit) & ~1
    var x = unit & ~1
    let dot = max(digit / 3 & ~1, 2)
    let digits: InlineArray<5, Int> = [
      total / 600 % 6, total / 60 % 10, total % 60 / 10, total % 10, Int(seconds * 10) % 10,
    ]
    for position in digits.indices {
      paintDigit(frame, digits[position], x: x, y: y, size: digit, white)
      x += 2 * digit
      guard position == 1 || position == 3 else { continue }
      if position == 1 { fill(frame, x: x, y: y + digit / 2, width: dot, height: dot, white) }
      fill(frame, x: x, y: y + digit * 5 / 2, width: dot, height: dot, white)
      x += digit
    }
  }

  private func paintDigit(_ frame: VideoFrame, _ digit: Int, x: Int, y: Int, size: Int, _ colour: Colour) {
    let segments = Self.segments[digit]
    let (wide, high, bar) = (size * 3 / 2 & ~1, size * 3 & ~1, max(size / 3 & ~1, 2))
    let half = high / 2 & ~1
    func segment(_ bit: UInt8, _ dx: Int, _ dy: Int, _ width: Int, _ height: Int) {
      if segments >> bit & 1 != 0 { fill(frame, x: x + dx, y: y + dy, width: width, height: height, colour) }
    }
    segment(0, 0, 0, wide, bar)
    segment(1, wide - bar, 0, bar, half)
    segment(2, wide - bar, half, bar, high - half)
    segment(3, 0, high - bar, wide, bar)
    segment(4, 0, half, bar, high - half)
    segment(5, 0, 0, bar, half)
    segment(6, 0, half - bar / 2, wide, bar)
  }

  // MARK: Time code

  /// Blocks along the bottom, most significant bit first, the first and last of them white and black for reference.
  private func paintTimeCode(_ frame: VideoFrame, milliseconds: Int) {
    let size = Self.blockSize(width: width)
    for block in 0..<Self.timeCodeBits + 2 {
      let bit: Int
      switch block {
      case 0: bit = 1
      case Self.timeCodeBits + 1: bit = 0
      default: bit = milliseconds >> (Self.timeCodeBits - block) & 1
      }
      let colour = Colour(y: bit == 1 ? 235 : 16, u: 128, v: 128)
      fill(frame, x: block * size, y: height - size, width: size, height: size, colour)
    }
  }

  private static func blockSize(width: Int) -> Int { max(width / (timeCodeBits + 2) / 2 & ~1, 2) }

  /// The milliseconds that a received picture of a scene shows in its blocks, whatever its size; nil when there are none.
  public static func timeCode(of frame: VideoFrame) -> Int? {
    // In proportion to the picture that was painted, of which the width is not known to have been a multiple.
    let size = Double(frame.width) / Double(timeCodeBits + 2) / 2
    guard size >= 2 else { return nil }
    let painted = max(size.rounded(.down) - size.rounded(.down).truncatingRemainder(dividingBy: 2), 2)
    func luma(_ block: Int) -> Int {
      let x = min(Int((Double(block) + 0.5) * painted), frame.width - 1)
      let y = max(frame.height - Int((painted / 2).rounded(.up)), 0)
      return Int(frame.y[y * frame.strideY + x])
    }
    let (white, black) = (luma(0), luma(timeCodeBits + 1))
    guard white - black > 100 else { return nil }
    return (1...timeCodeBits).reduce(0) { $0 << 1 | (luma($1) * 2 > white + black ? 1 : 0) }
  }

  /// Whether a received picture of a scene shows the flash; nil for a picture too small to tell.
  public static func showsFlash(_ frame: VideoFrame) -> Bool? {
    let unit = Double(min(frame.width * 18, frame.height * 32)) / 576
    guard unit >= 2 else { return nil }
    let row = min(Int(3 * unit), frame.height - 1)
    let column = max(frame.width - Int(3 * unit), 0)
    return frame.y[row * frame.strideY + column] > 210
  }

  /// Fills a rectangle, cut to the frame. Even places and sizes keep luma and chroma together.
  private func fill(_ frame: VideoFrame, x: Int, y: Int, width: Int, height: Int, _ colour: Colour) {
    let (left, right) = (max(x, 0) & ~1, min(x + width, frame.width))
    let (top, bottom) = (max(y, 0) & ~1, min(y + height, frame.height))
    guard left < right, top < bottom else { return }
    for row in top..<bottom {
      (frame.y + row * frame.strideY + left).update(repeating: colour.y, count: right - left)
    }
    let chromaCount = (right + 1) / 2 - left / 2
    for row in top / 2..<(bottom + 1) / 2 {
      let offset = row * frame.strideUV + left / 2
      (frame.u + offset).update(repeating: colour.u, count: chromaCount)
      (frame.v + offset).update(repeating: colour.v, count: chromaCount)
    }
  }
}

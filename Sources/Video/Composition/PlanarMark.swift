import CYUV

/// A bitmap with alpha as Y′CbCr, for blending over pictures whose chroma planes are half as large.
final class PlanarMark {
  /// Where it lies in the layer: even numbers.
  private let area: PixelRectangle
  private let memory: UnsafeMutablePointer<UInt8>
  /// Luma and its alpha; Cb, Cr and their alpha, a quarter of it each.
  private let planes: (y: Int, alpha: Int, u: Int, v: Int, chromaAlpha: Int)

  /// What of `part` lies in its clip; nil if nothing does.
  init?(_ part: LayerMarks.Part, _ matrix: ColorMatrix) {
    let visible = PixelRectangle(x: part.x, y: part.y, width: part.bitmap.width, height: part.bitmap.height)
      .intersection(part.clip)
    if visible.isEmpty { return nil }
    let (x, y) = (visible.x & ~1, visible.y & ~1)
    area = PixelRectangle(x: x, y: y, width: (visible.maxX - x + 1) & ~1, height: (visible.maxY - y + 1) & ~1)
    let size = area.width * area.height
    planes = (0, size, 2 * size, 2 * size + size / 4, 2 * size + size / 2)
    memory = .allocate(capacity: 2 * size + size / 4 * 3)
    memory.initialize(repeating: 0, count: 2 * size + size / 4 * 3)
    convert(part, visible, ColorFormula(matrix))
  }

  deinit { memory.deallocate() }

  private func convert(_ part: LayerMarks.Part, _ visible: PixelRectangle, _ formula: ColorFormula) {
    for row in stride(from: 0, to: area.height, by: 2) {
      for column in stride(from: 0, to: area.width, by: 2) {
        // Chroma of four pixels, each as far as it is seen.
        var (u, v, sum) = (0.0, 0.0, 0.0)
        for (x, y) in [(column, row), (column + 1, row), (column, row + 1), (column + 1, row + 1)] {
          let (left, top) = (area.x + x, area.y + y)
          guard left >= visible.x, left < visible.maxX, top >= visible.y, top < visible.maxY,
            let pixel = part.bitmap.pixel(x: left - part.x, y: top - part.y), pixel[3] > 0
          else { continue }
          let alpha = Double(pixel[3])
          let color = formula.convert(Double(pixel[2]) / alpha, Double(pixel[1]) / alpha, Double(pixel[0]) / alpha)
          memory[planes.y + y * area.width + x] = color.y
          memory[planes.alpha + y * area.width + x] = pixel[3]
          u += alpha * Double(color.u)
          v += alpha * Double(color.v)
          sum += alpha
        }
        guard sum > 0 else { continue }
        let index = row / 2 * (area.width / 2) + column / 2
        memory[planes.u + index] = UInt8((u / sum).rounded())
        memory[planes.v + index] = UInt8((v / sum).rounded())
        memory[planes.chromaAlpha + index] = UInt8((sum / 4).rounded())
      }
    }
  }

  /// Blends it over `frame`, if that is as large as the layer that it was made for.
  func blend(over frame: VideoFrame) {
    guard area.maxX <= frame.chromaWidth * 2, area.maxY <= frame.chromaHeight * 2, area.maxX <= frame.strideY,
      area.maxY <= frame.height
    else { return }
    blend(planes.y, planes.alpha, area, over: frame.y, frame.strideY)
    let half = PixelRectangle(x: area.x / 2, y: area.y / 2, width: area.width / 2, height: area.height / 2)
    blend(planes.u, planes.chromaAlpha, half, over: frame.u, frame.strideUV)
    blend(planes.v, planes.chromaAlpha, half, over: frame.v, frame.strideUV)
  }

  private func blend(
    _ plane: Int, _ alpha: Int, _ area: PixelRectangle, over target: UnsafeMutablePointer<UInt8>, _ stride: Int
  ) {
    let pixels = target + area.y * stride + area.x
    BlendPlane(
      memory + plane, Int32(area.width), pixels, Int32(stride), memory + alpha, Int32(area.width), pixels,
      Int32(stride), Int32(area.width), Int32(area.height))
  }
}

/// R′G′B′ of 0…1 to 8-bit Y′CbCr (ITU-R BT.601 and BT.709, section 3; JFIF for the full range).
private struct ColorFormula {
  private let red: Double
  private let blue: Double
  private let isFull: Bool

  init(_ matrix: ColorMatrix) {
    (red, blue) =
      switch matrix {
      case .bt601, .bt601FullRange: (0.299, 0.114)
      case .bt709, .bt709FullRange: (0.2126, 0.0722)
      }
    isFull = matrix == .bt601FullRange || matrix == .bt709FullRange
  }

  func convert(_ r: Double, _ g: Double, _ b: Double) -> (y: UInt8, u: UInt8, v: UInt8) {
    let luma = red * r + (1 - red - blue) * g + blue * b
    let (scale, reach, offset) = isFull ? (255.0, 255.0, 0.0) : (219, 224, 16)
    func byte(_ value: Double) -> UInt8 { UInt8(min(max(value, 0), 255).rounded()) }
    return (
      byte(offset + scale * luma), byte(128 + reach * (b - luma) / (2 * (1 - blue))),
      byte(128 + reach * (r - luma) / (2 * (1 - red)))
    )
  }
}

import CYUV

/// Puts pictures and colours into a canvas.
final class TilePainter {
  private let scaled = VideoFrame(width: 16, height: 16)

  /// A picture is cropped to fill its tile if at least this part of it stays visible: so 4:3 cameras fill 16:9 tiles,
  /// and upright ones are shown whole.
  static let leastVisiblePart = 0.7

  func fill(_ canvas: Canvas, _ rectangle: PixelRectangle, _ color: Color) {
    let area = rectangle.intersection(canvas.bounds)
    if area.isEmpty { return }
    let value = 0xFF00_0000 | UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
    ARGBRect(
      canvas.pixels, Int32(canvas.stride), Int32(area.x), Int32(area.y), Int32(area.width), Int32(area.height), value)
  }

  /// Paints `frame` into `rectangle`, which lies in the canvas, in its right proportions: cropped, or whole with bars
  /// beside it.
  func paint(_ frame: VideoFrame, into canvas: Canvas, _ rectangle: PixelRectangle, isWhole: Bool) {
    guard canvas.bounds.contains(rectangle), !rectangle.isEmpty else { return }
    let (source, target) = Self.fit(
      width: frame.width, height: frame.height, into: rectangle, isWhole: isWhole)
    if target != rectangle { fillBars(canvas, around: target, in: rectangle) }
    if source.width == target.width && source.height == target.height {
      convert(frame, source, canvas, target)
      return
    }
    scaled.resize(width: target.width, height: target.height)
    I420Scale(
      frame.y + source.y * frame.strideY + source.x, Int32(frame.strideY),
      frame.u + source.y / 2 * frame.strideUV + source.x / 2, Int32(frame.strideUV),
      frame.v + source.y / 2 * frame.strideUV + source.x / 2, Int32(frame.strideUV),
      Int32(source.width), Int32(source.height),
      scaled.y, Int32(scaled.strideY), scaled.u, Int32(scaled.strideUV), scaled.v, Int32(scaled.strideUV),
      Int32(target.width), Int32(target.height), kFilterBox)
    scaled.colorMatrix = frame.colorMatrix
    convert(scaled, PixelRectangle(x: 0, y: 0, width: target.width, height: target.height), canvas, target)
  }

  private func convert(_ frame: VideoFrame, _ source: PixelRectangle, _ canvas: Canvas, _ target: PixelRectangle) {
    I420ToARGBMatrix(
      frame.y + source.y * frame.strideY + source.x, Int32(frame.strideY),
      frame.u + source.y / 2 * frame.strideUV + source.x / 2, Int32(frame.strideUV),
      frame.v + source.y / 2 * frame.strideUV + source.x / 2, Int32(frame.strideUV),
      canvas.pixels + target.y * canvas.stride + 4 * target.x, Int32(canvas.stride),
      frame.colorMatrix.yuvConstants,
      Int32(target.width), Int32(target.height))
  }

  private func fillBars(_ canvas: Canvas, around inner: PixelRectangle, in outer: PixelRectangle) {
    let top = PixelRectangle(x: outer.x, y: outer.y, width: outer.width, height: inner.y - outer.y)
    let bottom = PixelRectangle(x: outer.x, y: inner.maxY, width: outer.width, height: outer.maxY - inner.maxY)
    let left = PixelRectangle(x: outer.x, y: inner.y, width: inner.x - outer.x, height: inner.height)
    let right = PixelRectangle(x: inner.maxX, y: inner.y, width: outer.maxX - inner.maxX, height: inner.height)
    fill(canvas, top, Palette.tile)
    fill(canvas, bottom, Palette.tile)
    fill(canvas, left, Palette.tile)
    fill(canvas, right, Palette.tile)
  }

  /// Which part of a picture goes where: the part starts at even columns and rows, because of the chroma planes, and a
  /// picture that doesn't fill an even rectangle is shown in even proportions.
  static func fit(
    width: Int, height: Int, into rectangle: PixelRectangle, isWhole: Bool
  ) -> (source: PixelRectangle, target: PixelRectangle) {
    let all = PixelRectangle(x: 0, y: 0, width: width, height: height)
    // Visible part of the picture if it is cropped to the rectangle's proportions.
    let wide = width * rectangle.height
    let high = height * rectangle.width
    let visible = Double(min(wide, high)) / Double(max(wide, high, 1))
    if !isWhole && visible >= leastVisiblePart || visible > 0.995 {
      if wide > high {
        let cropped = max(min(height * rectangle.width / rectangle.height, width), 1)
        return (PixelRectangle(x: (width - cropped) / 2 & ~1, y: 0, width: cropped, height: height), rectangle)
      }
      let cropped = max(min(width * rectangle.height / rectangle.width, height), 1)
      return (PixelRectangle(x: 0, y: (height - cropped) / 2 & ~1, width: width, height: cropped), rectangle)
    }
    var target = rectangle
    if wide > high {
      target.height = max(rectangle.width * height / width & ~1, min(2, rectangle.height))
    } else {
      target.width = max(rectangle.height * width / height & ~1, min(2, rectangle.width))
    }
    target.x += (rectangle.width - target.width) / 2
    target.y += (rectangle.height - target.height) / 2
    return (all, target)
  }
}

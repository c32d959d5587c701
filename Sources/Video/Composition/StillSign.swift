import CYUV

/// A still picture that says why there is no other: a symbol and a line of text, in two languages.
///
/// Drawn once; then it costs a copy a picture. Not thread-safe: belongs to the thread that made it.
public final class StillSign {
  /// What the sign is about; each differs in shape, not only in colour.
  public enum Symbol: Hashable, Sendable {
    /// A camera, crossed out.
    case cameraOff
    /// A lens behind a shutter.
    case shutter
    /// A display with a cross.
    case noSignal
  }

  private let picture: VideoFrame

  /// Draws a sign of `width` × `height` pixels: `title` large, `subtitle` below it.
  public init(symbol: Symbol, title: String, subtitle: String, width: Int, height: Int) {
    let canvas = Canvas(width: width, height: height)
    let bitmap = Bitmap(width: canvas.width, height: canvas.height) { drawing in
      Self.draw(drawing, symbol, title, subtitle, Double(canvas.width), Double(canvas.height))
    }
    bitmap.blend(over: canvas, x: 0, y: 0, clip: canvas.bounds)
    picture = VideoFrame(width: canvas.width, height: canvas.height)
    // Limited range BT.601, as the encoders' pictures are.
    ARGBToI420(
      canvas.pixels, Int32(canvas.stride), picture.y, Int32(picture.strideY), picture.u, Int32(picture.strideUV),
      picture.v, Int32(picture.strideUV), Int32(canvas.width), Int32(canvas.height))
    picture.colorMatrix = .bt601
  }

  /// Width in pixels.
  public var width: Int { picture.width }
  /// Height in pixels.
  public var height: Int { picture.height }

  /// Writes the sign into `frame`, which takes its size.
  public func paint(_ frame: VideoFrame) {
    frame.copy(from: picture)
  }

  /// The symbol in the upper two thirds, the text below, all within the middle that a tile of other proportions keeps.
  private static func draw(
    _ drawing: Drawing, _ symbol: Symbol, _ title: String, _ subtitle: String, _ width: Double, _ height: Double
  ) {
    drawing.rectangle(x: 0, y: 0, width: width, height: height)
    drawing.fill(Palette.tile)
    let side = min(height * 0.28, width * 0.28)
    let (centreX, centreY) = (width / 2, height * 0.36)
    drawing.circle(x: centreX, y: centreY, radius: side * 0.78)
    drawing.fill(Palette.background)
    drawing.transformed(x: centreX - side / 2, y: centreY - side / 2, scale: side / 24) { SignArt.draw($0, symbol) }
    let text = TextRenderer()
    // A tile may show a strip of the middle only.
    let maximumWidth = Int(width * 0.86)
    var top = height * 0.66
    for (string, size, weight) in [
      (title, height * 0.062, TextRenderer.Weight.bold), (subtitle, height * 0.045, .medium),
    ] where !string.isEmpty {
      // Smaller letters rather than fewer.
      let natural = Double(text.line(string, size: size, weight: weight).width)
      let fitting = size * min(1, Double(maximumWidth) / max(natural, 1))
      let line = text.line(string, size: fitting, weight: weight, maximumWidth: maximumWidth)
      line.draw(drawing, x: (width - Double(min(line.width, maximumWidth))) / 2, y: top, color: Palette.text)
      top += size * 1.6
    }
  }
}

/// The symbols of signs, as paths in a square of 24 × 24 units.
enum SignArt {
  static func draw(_ drawing: Drawing, _ symbol: StillSign.Symbol) {
    switch symbol {
    case .cameraOff:
      drawCamera(drawing)
      drawStrike(drawing)
    case .shutter: drawShutter(drawing)
    case .noSignal: drawDisplay(drawing)
    }
  }

  private static func drawCamera(_ drawing: Drawing) {
    drawing.roundedRectangle(x: 2, y: 6, width: 13.5, height: 12, radius: 2)
    drawing.fill(Palette.text)
    drawing.line(17.2, 10.6, 21.6, 7.6)
    drawing.line(21.6, 7.6, 21.6, 16.4)
    drawing.line(21.6, 16.4, 17.2, 13.4)
    drawing.line(17.2, 13.4, 17.2, 10.6)
    drawing.stroke(Palette.text, width: 1.6)
  }

  private static func drawStrike(_ drawing: Drawing) {
    drawing.line(3, 2.6, 21, 21.4)
    drawing.stroke(Palette.background, width: 5.4)
    drawing.line(3, 2.6, 21, 21.4)
    drawing.stroke(Palette.muted, width: 2.6)
  }

  private static func drawShutter(_ drawing: Drawing) {
    drawing.circle(x: 12, y: 12, radius: 9.4)
    drawing.stroke(Palette.text, width: 1.8)
    drawing.circle(x: 12, y: 12, radius: 4.6)
    drawing.stroke(Palette.text, width: 1.6)
    // The slide covers the lower half of the lens and has a grip.
    drawing.roundedRectangle(x: 1, y: 11.2, width: 22, height: 11.4, radius: 2)
    drawing.fill(Palette.background)
    drawing.roundedRectangle(x: 2, y: 12.2, width: 20, height: 9.4, radius: 1.6)
    drawing.fill(Palette.muted)
    drawing.line(9.4, 16.9, 14.6, 16.9)
    drawing.stroke(Palette.background, width: 1.8)
  }

  private static func drawDisplay(_ drawing: Drawing) {
    drawing.roundedRectangle(x: 2, y: 3, width: 20, height: 12.4, radius: 1.6)
    drawing.stroke(Palette.text, width: 1.8)
    drawing.line(12, 15.6, 12, 20)
    drawing.line(7.6, 20.6, 16.4, 20.6)
    drawing.stroke(Palette.text, width: 1.8)
    drawing.line(8.6, 6.2, 15.4, 12.2)
    drawing.line(15.4, 6.2, 8.6, 12.2)
    drawing.stroke(Palette.muted, width: 2.2)
  }
}

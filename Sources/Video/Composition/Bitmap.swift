import CPangoCairo
import CYUV

/// A small picture with alpha, drawn once by Cairo and then blended into canvases: premultiplied B, G, R, A.
final class Bitmap {
  let width: Int
  let height: Int
  private let surface: OpaquePointer?
  private let pixels: UnsafePointer<UInt8>?
  private let stride: Int

  /// A bitmap of the given size, transparent but for what `draw` draws.
  init(width: Int, height: Int, draw: (Drawing) -> Void) {
    self.width = min(max(width, 1), Canvas.maximumDimension)
    self.height = min(max(height, 1), Canvas.maximumDimension)
    surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(self.width), Int32(self.height))
    let context = cairo_create(surface)
    draw(Drawing(context: context))
    cairo_destroy(context)
    cairo_surface_flush(surface)
    // Null if Cairo had no memory: then nothing is blended.
    pixels = UnsafePointer(cairo_image_surface_get_data(surface))
    stride = Int(cairo_image_surface_get_stride(surface))
  }

  deinit {
    cairo_surface_destroy(surface)
  }

  /// B, G, R (premultiplied) and A of the pixel at (`x`, `y`), which lies in the bitmap.
  func pixel(x: Int, y: Int) -> UnsafePointer<UInt8>? {
    pixels.map { $0 + y * stride + 4 * x }
  }

  /// Blends the bitmap over `canvas` with its top left corner at (`x`, `y`), cut off at `clip`, which lies in the
  /// canvas.
  func blend(over canvas: Canvas, x: Int, y: Int, clip: PixelRectangle) {
    let target = PixelRectangle(x: x, y: y, width: width, height: height).intersection(clip)
    guard !target.isEmpty, let pixels else { return }
    let source = pixels + (target.y - y) * stride + 4 * (target.x - x)
    let destination = canvas.pixels + target.y * canvas.stride + 4 * target.x
    ARGBBlend(
      source, Int32(stride), destination, Int32(canvas.stride), destination, Int32(canvas.stride),
      Int32(target.width), Int32(target.height))
  }
}

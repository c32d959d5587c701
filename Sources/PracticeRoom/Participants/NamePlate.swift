import CPangoCairo
import Video

/// A name in white letters for the lower left corner of a picture, drawn once.
final class NamePlate {
  private let width: Int
  private let height: Int
  // How much of each pixel the letters cover, 0…255.
  private var coverage: [UInt8] = []

  /// `name` in letters that fill about `height` pixels.
  init(_ name: String, height: Int) {
    self.height = max(height, 8)
    width = self.height * 10
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(self.height)) else { return }
    defer { cairo_surface_destroy(surface) }
    let context = cairo_create(surface)
    draw(name, context)
    cairo_destroy(context)
    cairo_surface_flush(surface)
    guard let pixels = cairo_image_surface_get_data(surface) else { return }
    let stride = Int(cairo_image_surface_get_stride(surface))
    coverage = [UInt8](repeating: 0, count: width * self.height)
    for row in 0..<self.height {
      for column in 0..<width { coverage[row * width + column] = pixels[row * stride + column] }
    }
  }

  private func draw(_ name: String, _ context: OpaquePointer?) {
    guard let layout = pango_cairo_create_layout(context) else { return }
    defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
    let description = pango_font_description_new()
    pango_font_description_set_family(description, "Marianne, Inter, Noto Sans, DejaVu Sans")
    pango_font_description_set_weight(description, PANGO_WEIGHT_BOLD)
    pango_font_description_set_absolute_size(description, Double(height) * 0.7 * Double(PANGO_SCALE))
    pango_layout_set_font_description(layout, description)
    pango_font_description_free(description)
    pango_layout_set_text(layout, name, -1)
    cairo_set_source_rgba(context, 1, 1, 1, 1)
    cairo_move_to(context, 0, 0)
    pango_cairo_show_layout(context, layout)
  }

  /// Draws the name on `frame`.
  func draw(on frame: VideoFrame) {
    guard !coverage.isEmpty else { return }
    let left = frame.width / 32
    let top = frame.height - height - frame.height / 24
    guard top >= 0 else { return }
    let columns = min(width, frame.width - left)
    for row in 0..<height {
      let line = frame.y + (top + row) * frame.strideY + left
      for column in 0..<columns {
        let cover = Int(coverage[row * width + column])
        if cover > 0 { line[column] = UInt8((Int(line[column]) * (255 - cover) + 235 * cover) / 255) }
      }
    }
  }
}

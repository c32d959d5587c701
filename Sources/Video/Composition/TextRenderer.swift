import CPangoCairo

/// Lays out text by Pango, which knows every script and emoji that names use.
///
/// Thread-confined: it has a font map of its own, since Pango's default one belongs to a thread.
final class TextRenderer {
  /// The State's typeface if it is installed, else the nearest free ones.
  static let families = "Marianne, Inter, Noto Sans, DejaVu Sans"
  /// The longest text that is laid out, in characters; more never fits on a screen.
  static let maximumLength = 300

  enum Weight {
    case medium
    case bold
  }

  /// A line of text, or a paragraph, ready to be drawn.
  final class Line {
    let width: Int
    let height: Int
    private let layout: OpaquePointer?
    /// Where the text starts: text written from right to left stands at the right end of the width it may take.
    private let inset: Double

    fileprivate init(_ layout: OpaquePointer?) {
      self.layout = layout
      var logical = PangoRectangle()
      if let layout { pango_layout_get_pixel_extents(layout, nil, &logical) }
      width = Int(logical.width)
      height = Int(logical.height)
      inset = Double(logical.x)
    }

    deinit {
      if let layout { g_object_unref(UnsafeMutableRawPointer(layout)) }
    }

    /// How many characters no installed font has.
    var missingGlyphs: Int { layout.map { Int(pango_layout_get_unknown_glyphs_count($0)) } ?? 0 }

    /// Draws the line with its top left corner at (`x`, `y`).
    func draw(_ drawing: Drawing, x: Double, y: Double, color: Color) {
      guard let layout else { return }
      drawing.set(color)
      cairo_move_to(drawing.context, x - inset, y)
      pango_cairo_show_layout(drawing.context, layout)
    }
  }

  private let fontMap: UnsafeMutablePointer<PangoFontMap>?
  private let context: OpaquePointer?

  init() {
    fontMap = pango_cairo_font_map_new()
    context = fontMap.flatMap { pango_font_map_create_context($0) }
  }

  deinit {
    if let context { g_object_unref(UnsafeMutableRawPointer(context)) }
    if let fontMap { g_object_unref(fontMap) }
  }

  /// One line of `text` with letters of `size` pixels, shortened with an ellipsis to `maximumWidth` pixels.
  func line(_ text: String, size: Double, weight: Weight, maximumWidth: Int? = nil) -> Line {
    guard let layout = layout(text, size: size, weight: weight) else { return Line(nil) }
    pango_layout_set_single_paragraph_mode(layout, 1)
    if let maximumWidth {
      pango_layout_set_width(layout, Int32(clamping: maximumWidth) &* PANGO_SCALE)
      pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
    }
    return Line(layout)
  }

  /// `text` with letters of `size` pixels in lines `width` pixels wide, shortened with an ellipsis to `maximumLines`.
  func paragraph(_ text: String, size: Double, width: Int, maximumLines: Int) -> Line {
    guard let layout = layout(text, size: size, weight: .medium) else { return Line(nil) }
    pango_layout_set_width(layout, Int32(clamping: width) &* PANGO_SCALE)
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
    pango_layout_set_height(layout, -Int32(clamping: maximumLines))
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
    return Line(layout)
  }

  private func layout(_ text: String, size: Double, weight: Weight) -> OpaquePointer? {
    guard let context, let layout = pango_layout_new(context) else { return nil }
    let description = pango_font_description_new()
    pango_font_description_set_family(description, Self.families)
    pango_font_description_set_weight(description, weight == .bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_MEDIUM)
    pango_font_description_set_absolute_size(description, size * Double(PANGO_SCALE))
    pango_layout_set_font_description(layout, description)
    pango_font_description_free(description)
    pango_layout_set_text(layout, String(text.prefix(Self.maximumLength)), -1)
    return layout
  }
}

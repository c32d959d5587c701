import CPangoCairo

/// Cairo's drawing, with our colours.
struct Drawing {
  let context: OpaquePointer?

  func set(_ color: Color) {
    cairo_set_source_rgba(
      context, Double(color.red) / 255, Double(color.green) / 255, Double(color.blue) / 255,
      Double(color.alpha) / 255)
  }

  func fill(_ color: Color) {
    set(color)
    cairo_fill(context)
  }

  /// Fills what lies within an odd number of the path's outlines.
  func fillEvenOdd(_ color: Color) {
    cairo_set_fill_rule(context, CAIRO_FILL_RULE_EVEN_ODD)
    fill(color)
    cairo_set_fill_rule(context, CAIRO_FILL_RULE_WINDING)
  }

  func stroke(_ color: Color, width: Double) {
    set(color)
    cairo_set_line_width(context, width)
    cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_stroke(context)
  }

  func rectangle(x: Double, y: Double, width: Double, height: Double) {
    cairo_rectangle(context, x, y, width, height)
  }

  func roundedRectangle(x: Double, y: Double, width: Double, height: Double, radius: Double) {
    let radius = min(radius, width / 2, height / 2)
    cairo_new_sub_path(context)
    cairo_arc(context, x + width - radius, y + radius, radius, -.pi / 2, 0)
    cairo_arc(context, x + width - radius, y + height - radius, radius, 0, .pi / 2)
    cairo_arc(context, x + radius, y + height - radius, radius, .pi / 2, .pi)
    cairo_arc(context, x + radius, y + radius, radius, .pi, 1.5 * .pi)
    cairo_close_path(context)
  }

  func circle(x: Double, y: Double, radius: Double) {
    cairo_new_sub_path(context)
    cairo_arc(context, x, y, radius, 0, 2 * .pi)
  }

  func arc(x: Double, y: Double, radius: Double, from: Double, to: Double) {
    cairo_new_sub_path(context)
    cairo_arc(context, x, y, radius, from, to)
  }

  func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
    cairo_move_to(context, x1, y1)
    cairo_line_to(context, x2, y2)
  }

  /// Draws with the origin moved to (`x`, `y`) and all lengths multiplied by `scale`.
  func transformed(x: Double, y: Double, scale: Double = 1, _ draw: (Drawing) -> Void) {
    cairo_save(context)
    cairo_translate(context, x, y)
    cairo_scale(context, scale, scale)
    draw(self)
    cairo_restore(context)
  }
}

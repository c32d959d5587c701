import CPangoCairo

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Paints a `RoomView`. All sizes are of a display 1080 pixels high and scaled from there: from 6 m, letters of 28 pixels
/// can be read on one of 65 inches.
///
/// Thread-confined, as its text is.
public final class RoomViewPainter {
  private static let shownMeetings = 4
  private static let shownWarnings = 3
  /// How far everything moves from its place, pixels.
  private static let wander = 36.0

  private let text = TextRenderer()

  /// A painter.
  public init() {}

  /// Paints all of `canvas`.
  public func paint(_ view: RoomView, into canvas: Canvas) {
    let surface = cairo_image_surface_create_for_data(
      canvas.pixels, CAIRO_FORMAT_RGB24, Int32(canvas.width), Int32(canvas.height), Int32(canvas.stride))
    defer { cairo_surface_destroy(surface) }
    let context = cairo_create(surface)
    defer { cairo_destroy(context) }
    let drawing = Drawing(context: context)
    drawing.rectangle(x: 0, y: 0, width: Double(canvas.width), height: Double(canvas.height))
    drawing.fill(Palette.background)
    let scale = Double(canvas.height) / 1_080
    let (dx, dy) = Self.displacement(minute: view.minute)
    drawing.transformed(x: dx * scale, y: dy * scale, scale: scale) { drawing in
      page(view, drawing, Frame(width: Double(canvas.width) / scale))
    }
    cairo_surface_flush(surface)
  }

  /// Where everything stands in a minute: on a path that comes back to where it was after a day at the earliest.
  static func displacement(minute: Int) -> (x: Double, y: Double) {
    let turn = 2 * Double.pi * Double(minute % 1_443)
    // Whole pixels at 1080 lines, so that letters stay sharp.
    return ((wander * sin(turn / 37)).rounded(), (wander * 0.6 * sin(turn / 39 + 1)).rounded())
  }

  /// The places on a display 1080 pixels high.
  private struct Frame {
    var left = 110.0
    var right: Double
    let top = 100.0
    let bottom = 990.0
    let columnTop = 400.0
    let codeSide = 440.0

    init(width: Double) { right = max(width - 110, 500) }

    /// How wide the left column is.
    var columnWidth: Double { max(right - left - codeSide - 90, 200) }
  }

  private func page(_ view: RoomView, _ drawing: Drawing, _ frame: Frame) {
    head(view, drawing, frame)
    meetings(view, drawing, frame)
    if let invitation = view.invitation { invite(invitation, drawing, frame) }
    foot(view, drawing, frame)
    if let notice = view.notice, !notice.isEmpty { announce(notice, drawing, frame) }
  }

  private func head(_ view: RoomView, _ drawing: Drawing, _ frame: Frame) {
    let time = text.line(view.time, size: 130, weight: .bold)
    let date = text.line(view.date, size: 40, weight: .medium)
    let clockWidth = Double(max(time.width, date.width))
    time.draw(drawing, x: frame.right - Double(time.width), y: frame.top - 20, color: Palette.text)
    date.draw(drawing, x: frame.right - Double(date.width), y: frame.top + 140, color: Palette.text)
    let width = Int(frame.right - frame.left - clockWidth - 60)
    text.line(view.name, size: 76, weight: .bold, maximumWidth: width)
      .draw(drawing, x: frame.left, y: frame.top, color: Palette.text)
    guard !view.availability.isEmpty else { return }
    let y = frame.top + 120
    let line = text.line(view.availability, size: 46, weight: .medium, maximumWidth: width - 60)
    let middle = y + Double(line.height) / 2
    // A ring while free, a full disc with a bar while booked: to be told apart without colours.
    drawing.circle(x: frame.left + 20, y: middle, radius: 16)
    if view.isBooked {
      drawing.fill(Palette.muted)
      drawing.line(frame.left + 12, middle, frame.left + 28, middle)
      drawing.stroke(Palette.background, width: 6)
    } else {
      drawing.stroke(Palette.free, width: 6)
    }
    line.draw(drawing, x: frame.left + 60, y: y, color: Palette.text)
  }

  private func meetings(_ view: RoomView, _ drawing: Drawing, _ frame: Frame) {
    var y = frame.columnTop
    let title = text.line(view.meetingsTitle, size: 36, weight: .bold, maximumWidth: Int(frame.columnWidth))
    title.draw(drawing, x: frame.left, y: y, color: Palette.quietText)
    y += 66
    if view.meetings.isEmpty {
      text.line(view.noMeetings, size: 40, weight: .medium, maximumWidth: Int(frame.columnWidth))
        .draw(drawing, x: frame.left, y: y, color: Palette.text)
    }
    for meeting in view.meetings.prefix(Self.shownMeetings) {
      let time = text.line(meeting.time, size: 40, weight: .medium)
      let inset = 28.0
      let titleX = frame.left + inset + max(Double(time.width), 290) + 36
      let name = text.line(
        meeting.title, size: 40, weight: meeting.isCurrent ? .bold : .medium,
        maximumWidth: max(Int(frame.left + frame.columnWidth - titleX - inset), 40))
      if meeting.isCurrent {
        drawing.roundedRectangle(x: frame.left, y: y, width: frame.columnWidth, height: 76, radius: 14)
        drawing.fill(Palette.tile)
        drawing.roundedRectangle(x: frame.left, y: y, width: 10, height: 76, radius: 5)
        drawing.fill(Palette.speaking)
      }
      let baseline = y + (76 - Double(time.height)) / 2
      time.draw(drawing, x: frame.left + inset, y: baseline, color: Palette.text)
      name.draw(drawing, x: titleX, y: y + (76 - Double(name.height)) / 2, color: Palette.text)
      y += 84
    }
  }

  private func invite(_ invitation: RoomView.Invitation, _ drawing: Drawing, _ frame: Frame) {
    let left = frame.right - frame.codeSide
    var y = frame.columnTop
    if let code = QRCode(invitation.link) {
      let across = code.size + 2 * QRCode.quietZone
      // Modules of a whole number of pixels have sharp edges.
      let module = max((frame.codeSide / Double(across)).rounded(.down), 1)
      let side = module * Double(across)
      let x = left
      drawing.roundedRectangle(x: x, y: y, width: side, height: side, radius: module * 2)
      drawing.fill(Palette.text)
      code.draw(drawing, x: x, y: y, module: module)
      y += side + 16
    }
    for line in invitation.lines {
      let fitting = fit(line, sizes: [36, 32, 28], width: Int(frame.codeSide))
      fitting.draw(drawing, x: left, y: y, color: Palette.text)
      y += Double(fitting.height) + 4
    }
    text.paragraph(invitation.caption, size: 30, width: Int(frame.codeSide), maximumLines: 4)
      .draw(drawing, x: left, y: y, color: Palette.text)
  }

  /// The line in the first of `sizes` in which it is no wider than `width`; in the last it is cut.
  private func fit(_ line: String, sizes: [Double], width: Int) -> TextRenderer.Line {
    for size in sizes {
      let whole = text.line(line, size: size, weight: .bold)
      if whole.width <= width { return whole }
    }
    return text.line(line, size: sizes.last ?? 28, weight: .bold, maximumWidth: width)
  }

  private func foot(_ view: RoomView, _ drawing: Drawing, _ frame: Frame) {
    var y = frame.bottom
    let guidance = text.paragraph(view.guidance, size: 36, width: Int(frame.columnWidth), maximumLines: 2)
    y -= Double(guidance.height)
    guidance.draw(drawing, x: frame.left, y: y, color: Palette.quietText)
    for warning in view.warnings.prefix(Self.shownWarnings).reversed() {
      let line = text.paragraph(warning, size: 34, width: Int(frame.columnWidth) - 90, maximumLines: 2)
      y -= Double(line.height) + 34
      drawing.roundedRectangle(
        x: frame.left, y: y, width: frame.columnWidth, height: Double(line.height) + 20, radius: 14)
      drawing.fill(Palette.hand)
      Icon.information.draw(drawing, x: frame.left + 20, y: y + 12, size: 44, color: Palette.darkText)
      line.draw(drawing, x: frame.left + 80, y: y + 10, color: Palette.darkText)
    }
  }

  private func announce(_ notice: String, _ drawing: Drawing, _ frame: Frame) {
    let line = text.line(notice, size: 40, weight: .medium, maximumWidth: Int(frame.right - frame.left) - 120)
    let width = Double(line.width) + 120
    let (x, y, height) = ((frame.left + frame.right - width) / 2, frame.columnTop - 110, 84.0)
    drawing.roundedRectangle(x: x, y: y, width: width, height: height, radius: 24)
    drawing.fill(Palette.banner)
    drawing.roundedRectangle(x: x + 1, y: y + 1, width: width - 2, height: height - 2, radius: 24)
    drawing.stroke(Palette.text, width: 2)
    Icon.information.draw(drawing, x: x + 28, y: y + 21, size: 42, color: Palette.text)
    line.draw(drawing, x: x + 88, y: y + (height - Double(line.height)) / 2, color: Palette.text)
  }
}

import Foundation
import Testing

@testable import Video

/// The screen's picture outside of meetings.
@Suite("Room view")
struct RoomViewTests {
  private static func view() -> RoomView {
    var view = RoomView()
    view.name = "Salle Rivoli"
    view.time = "14:05"
    view.date = "lundi 23 novembre"
    view.availability = "Réservée jusqu’à 15:00"
    view.isBooked = true
    view.meetingsTitle = "Prochaines réunions"
    view.meetings = [
      .init(time: "14:00 – 15:00", title: "Comité budgétaire", isCurrent: true),
      .init(time: "15:30 – 16:00", title: "Réservé"),
    ]
    view.guidance = "Pour rejoindre une réunion, touchez-la sur le panneau ou tapez-y son code."
    view.invitation = .init(
      link: "https://192.0.2.7:8443/#pair=abcdefghijklmnopqrstuvwx", lines: [], caption: "Scannez ce code.")
    view.warnings = ["La caméra ne donne pas d’image. Vérifiez son câble et son cache."]
    view.notice = "Vous avez quitté la réunion."
    return view
  }

  private static func canvas(_ view: RoomView, width: Int = 1_920, height: Int = 1_080) -> Canvas {
    let canvas = Canvas(width: width, height: height)
    RoomViewPainter().paint(view, into: canvas)
    return canvas
  }

  /// The part of the pixels that differ.
  private static func difference(_ left: Canvas, _ right: Canvas) -> Double {
    var count = 0
    for y in 0..<left.height {
      for x in 0..<left.width where left.pixel(x: x, y: y) != right.pixel(x: x, y: y) { count += 1 }
    }
    return Double(count) / Double(left.width * left.height)
  }

  /// The smallest rectangle around all that isn't background.
  private static func extent(_ canvas: Canvas) -> PixelRectangle {
    var (left, top, right, bottom) = (canvas.width, canvas.height, 0, 0)
    for y in 0..<canvas.height {
      for x in 0..<canvas.width where canvas.pixel(x: x, y: y) != 0x161616 {
        (left, top, right, bottom) = (min(left, x), min(top, y), max(right, x + 1), max(bottom, y + 1))
      }
    }
    return PixelRectangle(x: left, y: top, width: right - left, height: bottom - top)
  }

  @Test(
    "nothing comes near the edges, at any minute and size", arguments: [(1_920, 1_080), (1_280, 720), (1_024, 768)])
  func stayInside(size: (Int, Int)) {
    for minute in [0, 3, 9, 19, 28, 500] {
      var view = Self.view()
      view.minute = minute
      let extent = Self.extent(Self.canvas(view, width: size.0, height: size.1))
      let margin = size.1 / 40
      #expect(extent.x >= margin && extent.y >= margin, "\(extent)")
      #expect(extent.maxX <= size.0 - margin && extent.maxY <= size.1 - margin, "\(extent)")
    }
  }

  @Test("each part that changes changes the picture")
  func parts() {
    let whole = Self.canvas(Self.view())
    let changes: [(inout RoomView) -> Void] = [
      { $0.name = "Salle Bercy" }, { $0.time = "14:06" }, { $0.date = "mardi 24 novembre" },
      { $0.availability = "Libre" }, { $0.isBooked = false }, { $0.meetingsTitle = "Réunions" },
      { $0.meetings.removeLast() }, { $0.meetings[0].isCurrent = false }, { $0.guidance = "Autre chose." },
      { $0.invitation?.link += "y" }, { $0.invitation?.caption = "Autre chose." },
      { $0.invitation?.lines = ["Code 123 456"] }, { $0.invitation = nil }, { $0.warnings = [] }, { $0.notice = nil },
    ]
    for (index, change) in changes.enumerated() {
      var view = Self.view()
      change(&view)
      #expect(Self.difference(whole, Self.canvas(view)) > 0.000_05, "part \(index)")
    }
    #expect(Self.difference(whole, Self.canvas(Self.view())) == 0)
  }

  @Test("no pixel stays lit: all moves within the hour")
  func movesOn() {
    // Where the picture has something at every one of these minutes.
    var always: Set<Int>?
    for minute in stride(from: 0, to: 60, by: 4) {
      var view = Self.view()
      view.minute = minute
      let canvas = Self.canvas(view, width: 960, height: 540)
      var lit: Set<Int> = []
      for y in 0..<540 {
        for x in 0..<960 where canvas.pixel(x: x, y: y) != 0x161616 { lit.insert(y * 960 + x) }
      }
      always = always.map { $0.intersection(lit) } ?? lit
    }
    // Of large plates the inner part stays: their text moves, so that at least no letter burns in.
    #expect(Double(always?.count ?? 0) / Double(960 * 540) < 0.06)
  }

  @Test("too much of everything is cut, not drawn over the edge")
  func tooMuch() {
    var view = Self.view()
    let long = String(repeating: "Commission interministérielle ", count: 20)
    view.name = long
    view.availability = long
    view.meetings = (0..<9).map { _ in .init(time: "14:00 – 15:00", title: long) }
    view.warnings = [long, long, long, long, long]
    view.notice = long
    view.guidance = long
    view.invitation?.caption = long
    let extent = Self.extent(Self.canvas(view))
    #expect(extent.x > 20 && extent.maxX < 1_900 && extent.y > 20, "\(extent)")
  }

  @Test("texts contrast enough with what is behind them")
  func contrast() {
    func luminance(_ color: Color) -> Double {
      func linear(_ value: UInt8) -> Double {
        let value = Double(value) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
    }
    func contrast(_ left: Color, _ right: Color) -> Double {
      let (a, b) = (luminance(left), luminance(right))
      return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }
    for (text, ground) in [
      (Palette.text, Palette.background), (Palette.quietText, Palette.background), (Palette.text, Palette.tile),
      (Palette.darkText, Palette.hand), (Palette.text, Palette.banner),
    ] { #expect(contrast(text, ground) >= 4.5) }
    // Marks, WCAG 1.4.11.
    for mark in [Palette.free, Palette.muted, Palette.speaking] { #expect(contrast(mark, Palette.background) >= 3) }
  }

  @Test("a QR code has the finders of ISO/IEC 18004 and holds more the longer the text is")
  func code() throws {
    let code = try #require(QRCode("https://192.0.2.7/"))
    #expect(code.size == 25)
    for (left, top) in [(0, 0), (code.size - 7, 0), (0, code.size - 7)] {
      for y in 0..<7 {
        for x in 0..<7 {
          let ring = min(x, y, 6 - x, 6 - y)
          #expect(code[left + x, top + y] == (ring != 1))
        }
      }
    }
    #expect(try #require(QRCode(String(repeating: "a", count: 300))).size > code.size)
    #expect(QRCode("") == nil)
    #expect(QRCode(String(repeating: "a", count: 3_000)) == nil)
  }

  @Test(
    "reactions and names have letters of their own, emoji included",
    arguments: ["👍👎👏❤️😂😮🎉🙏", "👋", "▮▯", "Zoé שלום Ωμέγα"])
  func glyphs(text: String) {
    #expect(TextRenderer().line(text, size: 40, weight: .medium).missingGlyphs == 0)
  }
}

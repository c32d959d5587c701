/// Makes the bitmaps that lie over and in place of pictures, and keeps those that several tiles share.
final class TileArt {
  private struct IconKey: Hashable {
    var icon: Icon
    var size: Int
  }

  private struct EdgeKey: Hashable {
    var width: Int
    var height: Int
    var isSpeaking: Bool
    var isOverlaid: Bool
  }

  /// A tile's rim: rounded corners and, around who speaks, a ring. One that lies over another has square corners and an
  /// edge that sets it off.
  struct Rim {
    struct Part {
      var bitmap: Bitmap
      var x: Int
      var y: Int
    }
    var parts: [Part]
  }

  /// The most tile sizes whose rims are kept; a layout has three at most.
  private static let maximumRims = 12

  private let text = TextRenderer()
  private var icons: [IconKey: Bitmap] = [:]
  private var rims: [EdgeKey: Rim] = [:]
  /// Pixels of a screen 1080 high are multiplied by this.
  let scale: Double

  init(canvasHeight: Int) {
    scale = Double(canvasHeight) / 1_080
  }

  /// The height of letters on a tile, pixels: to be read from 6 m on a screen of 65 inches they need 28 at 1080 lines.
  func labelSize(tileHeight: Int) -> Double {
    min(max(Double(tileHeight) * 0.085, 28 * scale), 40 * scale)
  }

  /// The plate with the name, at most `maximumWidth` wide, with room at the left for an icon.
  func label(_ string: String, maximumWidth: Int, tileHeight: Int) -> Bitmap {
    let size = labelSize(tileHeight: tileHeight)
    let height = Int(size * 1.7)
    let iconWidth = Double(labelIconSize(tileHeight: tileHeight)) + size * 0.7
    let end = size * 0.5
    let available = maximumWidth - Int(iconWidth + end)
    let line = text.line(string, size: size, weight: .medium, maximumWidth: max(available, 8))
    let width = Int(iconWidth + end) + line.width
    return Bitmap(width: width, height: height) { drawing in
      drawing.roundedRectangle(
        x: 0, y: 0, width: Double(width), height: Double(height), radius: Double(height) * 0.28)
      drawing.fill(Palette.plate)
      line.draw(drawing, x: iconWidth, y: Double(height - line.height) / 2, color: Palette.text)
    }
  }

  func labelMargin(tileHeight: Int) -> Int { Int(labelSize(tileHeight: tileHeight) * 0.4) }
  func labelIconSize(tileHeight: Int) -> Int { Int(labelSize(tileHeight: tileHeight) * 1.05) }
  func labelIconInset(tileHeight: Int) -> Int { Int(labelSize(tileHeight: tileHeight) * 0.4) }

  /// The icon that stands in a label: without a plate of its own.
  func icon(_ icon: Icon, size: Int) -> Bitmap {
    let key = IconKey(icon: icon, size: size)
    if let bitmap = icons[key] { return bitmap }
    if icons.count > 64 { icons.removeAll() }
    let color = icon == .speaking ? Palette.speaking : Palette.text
    let bitmap = Bitmap(width: size, height: size) { icon.draw($0, x: 0, y: 0, size: Double(size), color: color) }
    icons[key] = bitmap
    return bitmap
  }

  /// The icon of a badge, on a plate of its own.
  func badge(_ icon: Icon, tileHeight: Int) -> Bitmap {
    let side = labelSize(tileHeight: tileHeight) * 1.7
    let key = IconKey(icon: icon, size: -Int(side))
    if let bitmap = icons[key] { return bitmap }
    if icons.count > 64 { icons.removeAll() }
    let isHand = icon == .hand
    let bitmap = Bitmap(width: Int(side), height: Int(side)) { drawing in
      drawing.roundedRectangle(
        x: 0, y: 0, width: Double(Int(side)), height: Double(Int(side)), radius: side * 0.28)
      drawing.fill(isHand ? Palette.hand : Palette.plate)
      icon.draw(
        drawing, x: side * 0.18, y: side * 0.18, size: side * 0.64,
        color: isHand ? Palette.darkText : Palette.warning)
    }
    icons[key] = bitmap
    return bitmap
  }

  /// A disc with initials, for a tile without picture. The same name has the same colour always.
  func avatar(_ initials: String, name: String, tileHeight: Int) -> Bitmap {
    let side = max(tileHeight * 46 / 100, 8)
    let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let color = Palette.avatars[Int(hash % UInt32(Palette.avatars.count))]
    let line = text.line(initials, size: Double(side) * 0.4, weight: .bold)
    return Bitmap(width: side, height: side) { drawing in
      drawing.circle(x: Double(side) / 2, y: Double(side) / 2, radius: Double(side) / 2)
      drawing.fill(color)
      line.draw(
        drawing, x: Double(side - line.width) / 2, y: Double(side - line.height) / 2, color: Palette.text)
    }
  }

  /// A message for all, for the top of the screen.
  func banner(_ string: String, canvasWidth: Int) -> Bitmap {
    let size = 36 * scale
    let height = Int(size * 1.9)
    let lead = size * 2.1
    let line = text.line(string, size: size, weight: .medium, maximumWidth: canvasWidth * 8 / 10)
    let width = Int(lead + size * 0.8) + line.width
    return Bitmap(width: width, height: height) { drawing in
      drawing.roundedRectangle(
        x: 0, y: 0, width: Double(width), height: Double(height), radius: Double(height) * 0.28)
      drawing.fill(Palette.banner)
      drawing.roundedRectangle(
        x: 1, y: 1, width: Double(width - 2), height: Double(height - 2), radius: Double(height) * 0.28)
      drawing.stroke(Palette.text, width: 2 * scale)
      Icon.information.draw(
        drawing, x: size * 0.6, y: (Double(height) - size * 1.1) / 2, size: size * 1.1, color: Palette.text)
      line.draw(drawing, x: lead, y: Double(height - line.height) / 2, color: Palette.text)
    }
  }

  /// A QR code of `link` on a light plate; nil for a text too long for one.
  func code(_ link: String) -> Bitmap? {
    guard let code = QRCode(link) else { return nil }
    let across = code.size + 2 * QRCode.quietZone
    let module = max((300 * scale / Double(across)).rounded(.down), 2)
    let side = module * Double(across)
    return Bitmap(width: Int(side), height: Int(side)) { drawing in
      drawing.roundedRectangle(x: 0, y: 0, width: side, height: side, radius: 14 * scale)
      drawing.fill(Palette.text)
      code.draw(drawing, x: 0, y: 0, module: module)
    }
  }

  /// "+5": how many are not shown.
  func overflow(_ count: Int) -> Bitmap {
    let size = 36 * scale
    let height = Int(size * 1.7)
    let line = text.line("+\(count)", size: size, weight: .bold)
    let width = line.width + Int(size)
    return Bitmap(width: width, height: height) { drawing in
      drawing.roundedRectangle(
        x: 0, y: 0, width: Double(width), height: Double(height), radius: Double(height) * 0.28)
      drawing.fill(Palette.banner)
      line.draw(drawing, x: size / 2, y: Double(height - line.height) / 2, color: Palette.text)
    }
  }

  /// The rim of tiles of one size, in parts, so that a picture's inner part is not blended.
  func rim(width: Int, height: Int, isSpeaking: Bool, isOverlaid: Bool) -> Rim {
    let key = EdgeKey(width: width, height: height, isSpeaking: isSpeaking, isOverlaid: isOverlaid)
    if let rim = rims[key] { return rim }
    if rims.count >= Self.maximumRims { rims.removeAll() }
    let style = RimStyle(
      width: Double(width), height: Double(height), radius: isOverlaid ? 0 : 14 * scale,
      ring: isSpeaking ? 7 * scale : isOverlaid ? 3 * scale : 0,
      color: isSpeaking ? Palette.speaking : Palette.background)
    let side = Int(style.ring.rounded(.up))
    let cap = min(max(Int(style.radius.rounded(.up)), side), height / 2)
    var areas: [PixelRectangle] = []
    if side > 0 {
      for y in [0, height - cap] { areas.append(PixelRectangle(x: 0, y: y, width: width, height: cap)) }
      for x in [0, width - side] {
        areas.append(PixelRectangle(x: x, y: cap, width: side, height: height - 2 * cap))
      }
    } else {
      for x in [0, width - cap] {
        for y in [0, height - cap] { areas.append(PixelRectangle(x: x, y: y, width: cap, height: cap)) }
      }
    }
    let rim = Rim(parts: areas.filter { !$0.isEmpty }.map { Self.rimPart($0, style) })
    rims[key] = rim
    return rim
  }

  private struct RimStyle {
    var width: Double
    var height: Double
    var radius: Double
    var ring: Double
    var color: Color
  }

  private static func rimPart(_ area: PixelRectangle, _ style: RimStyle) -> Rim.Part {
    let bitmap = Bitmap(width: area.width, height: area.height) { drawing in
      drawing.transformed(x: Double(-area.x), y: Double(-area.y)) { drawing in
        let ring = style.ring
        if ring > 0 {
          drawing.roundedRectangle(
            x: ring / 2, y: ring / 2, width: style.width - ring, height: style.height - ring,
            radius: max(style.radius - ring / 2, 0))
          drawing.stroke(style.color, width: ring)
        }
        // The corners: what lies in the rectangle but outside its rounded form.
        drawing.rectangle(x: 0, y: 0, width: style.width, height: style.height)
        drawing.roundedRectangle(x: 0, y: 0, width: style.width, height: style.height, radius: style.radius)
        drawing.fillEvenOdd(Palette.background)
      }
    }
    return Rim.Part(bitmap: bitmap, x: area.x, y: area.y)
  }
}

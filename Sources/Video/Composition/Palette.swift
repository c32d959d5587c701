/// A colour, 8 bits a channel, not premultiplied.
struct Color: Hashable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8
  var alpha = UInt8.max

  init(_ rgb: UInt32, alpha: UInt8 = .max) {
    red = UInt8(truncatingIfNeeded: rgb >> 16)
    green = UInt8(truncatingIfNeeded: rgb >> 8)
    blue = UInt8(truncatingIfNeeded: rgb)
    self.alpha = alpha
  }

  /// The colour as it looks over `ground`.
  func over(_ ground: Color) -> Color {
    func mix(_ upper: UInt8, _ lower: UInt8) -> UInt32 {
      (UInt32(upper) * UInt32(alpha) + UInt32(lower) * (255 - UInt32(alpha)) + 127) / 255
    }
    return Color(mix(red, ground.red) << 16 | mix(green, ground.green) << 8 | mix(blue, ground.blue))
  }
}

/// The colours of the screen: the dark theme of the French State's design system (DSFR), so that a room looks like the
/// service it joins.
enum Palette {
  /// Between the tiles.
  static let background = Color(0x161616)
  /// A tile without picture, and the bars beside one that doesn't fill it.
  static let tile = Color(0x242424)
  /// Text and icons.
  static let text = Color(0xFFFFFF)
  /// Text that says less, on the background.
  static let quietText = Color(0xCECECE)
  /// The mark of a free room.
  static let free = Color(0x27A658)
  /// Behind text and icons over pictures; dark enough over a white picture.
  static let plate = Color(0x161616, alpha: 217)
  /// The ring around who speaks, and the icon that says the same.
  static let speaking = Color(0x8585F6)
  /// The line through a muted microphone.
  static let muted = Color(0xFF9575)
  /// The plate of a raised hand; its icon is dark.
  static let hand = Color(0xFCC63A)
  /// Dark marks on light plates.
  static let darkText = Color(0x161616)
  /// A weak connection's marks.
  static let warning = Color(0xFCC63A)
  /// The banner's plate.
  static let banner = Color(0x000091)

  /// Grounds for initials; white text on each has a contrast of at least 4.5 : 1.
  static let avatars = [
    Color(0x000091), Color(0x3A55A4), Color(0x00625C), Color(0x297254), Color(0x745B47), Color(0x8D533E),
    Color(0x6E445A), Color(0xA94645),
  ]
}

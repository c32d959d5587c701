/// The marks on tiles, as paths in a square of 24 × 24 units; each differs in shape, not only in colour.
enum Icon: Hashable {
  case microphone
  case microphoneMuted
  case speaking
  case hand
  case connectionWeak
  case connectionLost
  case screen
  case information

  /// Draws the icon into the square of side `size` at (`x`, `y`).
  func draw(_ drawing: Drawing, x: Double, y: Double, size: Double, color: Color) {
    drawing.transformed(x: x, y: y, scale: size / 24) { drawing in
      switch self {
      case .microphone: Self.drawMicrophone(drawing, color)
      case .microphoneMuted:
        Self.drawMicrophone(drawing, color)
        Self.drawStrike(drawing)
      case .speaking: Self.drawSpeaking(drawing, color)
      case .hand: Self.drawHand(drawing, color)
      case .connectionWeak: Self.drawConnection(drawing, color, bars: 1)
      case .connectionLost:
        Self.drawConnection(drawing, color, bars: 0)
        Self.drawStrike(drawing)
      case .screen: Self.drawScreen(drawing, color)
      case .information: Self.drawInformation(drawing, color)
      }
    }
  }

  private static func drawMicrophone(_ drawing: Drawing, _ color: Color) {
    drawing.roundedRectangle(x: 8.5, y: 2, width: 7, height: 12.5, radius: 3.5)
    drawing.fill(color)
    drawing.arc(x: 12, y: 11, radius: 6.5, from: 0, to: .pi)
    drawing.stroke(color, width: 2)
    drawing.line(12, 17.5, 12, 21)
    drawing.line(8.5, 21.2, 15.5, 21.2)
    drawing.stroke(color, width: 2)
  }

  private static func drawStrike(_ drawing: Drawing) {
    drawing.line(3.5, 3, 20.5, 21)
    drawing.stroke(Palette.background, width: 6.4)
    drawing.line(3.5, 3, 20.5, 21)
    drawing.stroke(Palette.muted, width: 3.2)
  }

  private static func drawSpeaking(_ drawing: Drawing, _ color: Color) {
    for (x, height) in [(3.5, 6.0), (7.75, 13.0), (12.0, 19.0), (16.25, 13.0), (20.5, 6.0)] {
      drawing.line(x, 12 - height / 2, x, 12 + height / 2)
    }
    drawing.stroke(color, width: 2.6)
  }

  private static func drawHand(_ drawing: Drawing, _ color: Color) {
    for (x, top) in [(7.6, 5.2), (10.9, 3.0), (14.2, 3.6), (17.4, 6.4)] { drawing.line(x, top, x, 13) }
    drawing.stroke(color, width: 2.6)
    drawing.line(3.9, 12.6, 8.6, 18.2)
    drawing.stroke(color, width: 2.8)
    drawing.roundedRectangle(x: 6.3, y: 10.4, width: 12.4, height: 11.4, radius: 5.4)
    drawing.fill(color)
  }

  private static func drawConnection(_ drawing: Drawing, _ color: Color, bars: Int) {
    for index in 0..<4 {
      let height = 5 + 4.6 * Double(index)
      let filled = index < bars
      drawing.roundedRectangle(
        x: 2.6 + 5 * Double(index), y: 21 - height, width: 3.4, height: height, radius: 1)
      if filled { drawing.fill(color) } else { drawing.stroke(color, width: 1.2) }
    }
  }

  private static func drawScreen(_ drawing: Drawing, _ color: Color) {
    drawing.roundedRectangle(x: 2, y: 3.5, width: 20, height: 13.5, radius: 1.6)
    drawing.stroke(color, width: 2)
    drawing.line(8, 21, 16, 21)
    drawing.line(12, 17.5, 12, 20.5)
    drawing.stroke(color, width: 2)
    drawing.line(12, 14, 12, 7)
    drawing.line(12, 7, 9.2, 9.6)
    drawing.line(12, 7, 14.8, 9.6)
    drawing.stroke(color, width: 2)
  }

  private static func drawInformation(_ drawing: Drawing, _ color: Color) {
    drawing.circle(x: 12, y: 12, radius: 9.6)
    drawing.stroke(color, width: 2)
    drawing.circle(x: 12, y: 7.6, radius: 1.5)
    drawing.fill(color)
    drawing.line(12, 11.4, 12, 16.8)
    drawing.stroke(color, width: 2.4)
  }
}

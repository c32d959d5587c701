/// The picture formats that CTA-861 numbers (video identification codes, §4), as far as sources use them for pictures of
/// square pixels.
enum CTAFormats {
  /// Width, height, whether interlaced, pictures or fields a second.
  private static let table: [Int: (Int, Int, Bool, Int)] = [
    1: (640, 480, false, 60), 2: (720, 480, false, 60), 3: (720, 480, false, 60), 4: (1_280, 720, false, 60),
    5: (1_920, 1_080, true, 60), 16: (1_920, 1_080, false, 60), 17: (720, 576, false, 50),
    18: (720, 576, false, 50), 19: (1_280, 720, false, 50), 20: (1_920, 1_080, true, 50),
    31: (1_920, 1_080, false, 50), 32: (1_920, 1_080, false, 24), 33: (1_920, 1_080, false, 25),
    34: (1_920, 1_080, false, 30), 40: (1_920, 1_080, true, 100), 41: (1_280, 720, false, 100),
    46: (1_920, 1_080, true, 120), 47: (1_280, 720, false, 120), 60: (1_280, 720, false, 24),
    61: (1_280, 720, false, 25), 62: (1_280, 720, false, 30), 63: (1_920, 1_080, false, 120),
    64: (1_920, 1_080, false, 100), 93: (3_840, 2_160, false, 24), 94: (3_840, 2_160, false, 25),
    95: (3_840, 2_160, false, 30), 96: (3_840, 2_160, false, 50), 97: (3_840, 2_160, false, 60),
    98: (4_096, 2_160, false, 24), 99: (4_096, 2_160, false, 25), 100: (4_096, 2_160, false, 30),
    101: (4_096, 2_160, false, 50), 102: (4_096, 2_160, false, 60), 117: (3_840, 2_160, false, 100),
    118: (3_840, 2_160, false, 120),
  ]

  /// The format of that number, if it is one of these.
  static func format(_ number: Int) -> EDIDFormat? {
    table[number].map { EDIDFormat(width: $0.0, height: $0.1, isInterlaced: $0.2, refreshRate: $0.3) }
  }
}

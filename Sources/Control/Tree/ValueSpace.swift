/// Which values are possible.
public enum ValueSpace: Hashable, Sendable {
  /// Whole numbers, both bounds included; printed `<0..100>`.
  case integer(ClosedRange<Int>)
  /// One of these words, in any case; printed `<On/Off>`.
  case literal([String])
  /// Text of so many characters (Unicode scalars), without control characters but tab and line feed; printed
  /// `<S: 0, 255>`.
  case string(ClosedRange<Int>)

  /// Any number of things that is counted.
  public static let count = ValueSpace.integer(0...2_147_483_647)
  /// On or off.
  public static let onOff = ValueSpace.literal(["On", "Off"])
  /// True or false.
  public static let trueFalse = ValueSpace.literal(["True", "False"])
  /// Text of a line.
  public static let line = ValueSpace.string(0...255)

  /// The value that `text` spells; nil when it isn't in the space. Words come out as the space spells them.
  public func value(of text: String) -> ControlValue? {
    switch self {
    case .integer(let range):
      // Nothing but digits: `Int` would also take a leading plus.
      guard text.utf8.first != UInt8(ascii: "+"), let number = Int(text), range.contains(number) else { return nil }
      return .integer(number)
    case .literal(let words):
      let lowercase = text.lowercased()
      return words.first { $0.lowercased() == lowercase }.map { .literal($0) }
    case .string(let range):
      guard range.contains(text.unicodeScalars.count), text.unicodeScalars.allSatisfy(Self.isPrintable) else {
        return nil
      }
      return .string(text)
    }
  }

  /// Whether `value` is in the space.
  public func contains(_ value: ControlValue) -> Bool {
    switch (self, value) {
    case (.integer(let range), .integer(let number)): range.contains(number)
    case (.literal(let words), .literal(let word)): words.contains(word)
    case (.string, .string(let text)): self.value(of: text) != nil
    default: false
    }
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\t" || scalar == "\n" || !(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value))
  }
}

extension ValueSpace: CustomStringConvertible {
  /// The space as the terminal's help prints it.
  public var description: String {
    switch self {
    case .integer(let range): "<\(range.lowerBound)..\(range.upperBound)>"
    case .literal(let words): "<\(words.joined(separator: "/"))>"
    case .string(let range): "<S: \(range.lowerBound), \(range.upperBound)>"
    }
  }
}

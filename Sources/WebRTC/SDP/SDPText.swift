/// Text handling in bytes: SDP is ASCII by grammar, and Swift's characters would join a separator and what follows it.
enum SDPText {
  static let space = UInt8(ascii: " ")
  static let colon = UInt8(ascii: ":")
  static let slash = UInt8(ascii: "/")
  static let semicolon = UInt8(ascii: ";")
  static let equals = UInt8(ascii: "=")

  /// The non-empty fields of `text`.
  static func fields(_ text: Substring, by separator: UInt8 = space) -> [Substring] {
    text.utf8.split(separator: separator).map { Substring($0) }
  }

  /// What stands before and after the first `separator`; the second is nil without one.
  static func halves(_ text: Substring, at separator: UInt8) -> (Substring, Substring?) {
    guard let index = text.utf8.firstIndex(of: separator) else { return (text, nil) }
    return (text[..<index], text[text.utf8.index(after: index)...])
  }

  /// `text` without spaces at its ends.
  static func trimmed(_ text: Substring) -> Substring {
    var bytes = text.utf8
    while bytes.first == space { bytes.removeFirst() }
    while bytes.last == space { bytes.removeLast() }
    return Substring(bytes)
  }

  /// A decimal number of digits alone, within the type's range.
  static func number<Value: FixedWidthInteger>(_ text: Substring, as type: Value.Type = Value.self) -> Value? {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Value(text)
  }

  /// Whether two names are equal, the case of ASCII letters aside.
  static func equal(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    left.utf8.lazy.map(lowercased).elementsEqual(right.utf8.lazy.map(lowercased))
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

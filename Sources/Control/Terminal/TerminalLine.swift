/// A line of a terminal, cut into its parts: words, arguments `Key: value`, and what follows `|`.
struct TerminalLine: Hashable {
  /// An argument.
  struct Argument: Hashable {
    let name: String
    let value: String
  }

  /// A quotation mark that isn't closed, words behind arguments, or something else than a tag behind `|`.
  struct Malformed: Error {}

  /// What comes before the arguments.
  private(set) var words: [String] = []
  /// The arguments in order.
  private(set) var arguments: [Argument] = []
  /// The tag that the answer is to carry.
  private(set) var resultID: String?

  private var rest: ArraySlice<UInt8>

  /// Reads a line without its end.
  init(_ line: [UInt8]) throws(Malformed) {
    rest = line[...]
    skipSpace()
    while let byte = rest.first {
      if byte == UInt8(ascii: "|") {
        rest.removeFirst()
        try readTag()
        break
      }
      let word = take { !Self.isSpace($0) && $0 != UInt8(ascii: ":") }
      if rest.first == UInt8(ascii: ":") {
        guard !word.isEmpty else { throw Malformed() }
        rest.removeFirst()
        arguments.append(Argument(name: word, value: try readValue()))
      } else {
        guard arguments.isEmpty else { throw Malformed() }
        words.append(word)
      }
      skipSpace()
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private mutating func skipSpace() { rest = rest.drop(while: Self.isSpace) }

  private mutating func take(while isPart: (UInt8) -> Bool) -> String {
    let part = rest.prefix(while: isPart)
    rest = rest[part.endIndex...]
    return String(decoding: part, as: UTF8.self)
  }

  /// The value behind a colon: between quotation marks, or up to the next space. Nothing is a value too.
  private mutating func readValue() throws(Malformed) -> String {
    skipSpace()
    guard rest.first == UInt8(ascii: "\"") else {
      return rest.first == UInt8(ascii: "|") ? "" : take { !Self.isSpace($0) }
    }
    rest.removeFirst()
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""):
        guard rest.first.map(Self.isSpace) ?? true else { throw Malformed() }
        return String(decoding: value, as: UTF8.self)
      case UInt8(ascii: "\\"): appendEscape(to: &value)
      default: value.append(byte)
      }
    }
    throw Malformed()
  }

  /// What a backslash begins, as in JSON strings, which drivers write; before anything else it stands for itself.
  private mutating func appendEscape(to value: inout [UInt8]) {
    guard let byte = rest.first else { return value.append(UInt8(ascii: "\\")) }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): value.append(byte)
    case UInt8(ascii: "n"): value.append(0x0A)
    case UInt8(ascii: "r"): value.append(0x0D)
    case UInt8(ascii: "t"): value.append(0x09)
    case UInt8(ascii: "u"):
      let digits = rest.dropFirst().prefix(4)
      guard digits.count == 4, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(code)
      else { return value.append(UInt8(ascii: "\\")) }
      value.append(contentsOf: String(scalar).utf8)
      rest = rest.dropFirst(4)
    default: return value.append(UInt8(ascii: "\\"))
    }
    rest.removeFirst()
  }

  /// ` resultId="tag"` to the end of the line.
  private mutating func readTag() throws(Malformed) {
    skipSpace()
    let name = take { !Self.isSpace($0) && $0 != UInt8(ascii: "=") }
    skipSpace()
    guard name.lowercased() == "resultid", rest.popFirst() == UInt8(ascii: "=") else { throw Malformed() }
    let tag = try readValue()
    skipSpace()
    guard rest.isEmpty, tag.utf8.count <= TerminalLimits.resultIDLength else { throw Malformed() }
    resultID = tag
  }
}

/// What names a meeting within its instance: `abc-defg-hij`, a room's UUID, or another name that the instance knows.
public struct MeetingCode: Hashable, Sendable, CustomStringConvertible {
  /// The code as the instance's API takes it, not percent-encoded.
  public let text: String

  /// The longest name that an instance keeps, characters.
  static let maximumLength = 500

  /// The paths of a Visio site that are no meetings.
  static let reserved: Set<String> = [
    "accessibilite", "addons", "admin", "api", "conditions-utilisation", "external-api", "feedback", "media",
    "mentions-legales", "recording", "sdk", "static", "test-connection",
  ]

  /// The code that a person means by `typed`.
  ///
  /// Codes of three, four and three letters or digits are taken in any case, with or without their hyphens, with
  /// spaces or typographic hyphens in their place: the instance itself would not recognise them. All else stays as
  /// typed, since the instance makes its own form of names.
  public init(typed: some StringProtocol) throws(MeetingLinkError) {
    var typed = Substring(typed)
    while typed.first?.isWhitespace == true { typed.removeFirst() }
    while typed.last?.isWhitespace == true { typed.removeLast() }
    guard !typed.isEmpty else { throw .empty }
    if let code = Self.generated(typed) {
      text = code
      return
    }
    let isName =
      typed.count <= Self.maximumLength && typed.contains { $0.isLetter || $0.isNumber }
      && !typed.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "/" || $0 == "\\" }
    guard isName else { throw .unreadable }
    guard !Self.reserved.contains(typed.lowercased()) else { throw .notAMeeting }
    text = String(typed)
  }

  /// The canonical form of a code of the kind that instances generate; nil for any other text.
  private static func generated(_ typed: Substring) -> String? {
    var characters: [Character] = []
    for character in typed {
      if isSeparator(character) {
        // Only where a hyphen belongs, and once.
        guard characters.count == 3 || characters.count == 8, characters.last != "-" else { return nil }
        characters.append("-")
      } else {
        guard character.isASCII, character.isLetter || character.isNumber else { return nil }
        if characters.count == 3 || characters.count == 8 { characters.append("-") }
        characters.append(contentsOf: character.lowercased())
      }
      if characters.count > 12 { return nil }
    }
    return characters.count == 12 ? String(characters) : nil
  }

  private static func isSeparator(_ character: Character) -> Bool {
    switch character {
    case "-", " ", "\u{A0}", "\u{202F}", "\u{2010}"..."\u{2015}", "\u{2212}": true
    default: false
    }
  }

  /// The code as a person reads it.
  public var description: String { text }

  /// The code as one segment of a URL's path (RFC 3986 §3.3).
  var pathSegment: String { PercentEncoding.encoded(text) }
}

/// Finds what a phone could open in a line of chat.
enum ChatLink {
  /// Longer ones make codes that no phone reads from a table away.
  private static let maximumLength = 300

  /// The first link to a page in `text`, without the punctuation around it; nil without one.
  static func first(in text: String) -> String? {
    for word in text.split(whereSeparator: \.isWhitespace).prefix(1_000) {
      guard let start = word.firstRange(of: "https://") ?? word.firstRange(of: "http://") else { continue }
      var link = word[start.lowerBound...]
      while let last = link.last, ".,;:!?)]}>\"'»".contains(last) { link.removeLast() }
      let host = link.drop { $0 != "/" }.dropFirst(2)
      if link.utf8.count <= maximumLength, host.first?.isLetter == true || host.first?.isNumber == true {
        return String(link)
      }
    }
    return nil
  }
}

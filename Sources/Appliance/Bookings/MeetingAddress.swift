import Visio

/// Finds the Visio meeting in what people write into a calendar's entry.
enum MeetingAddress {
  /// The first link to a meeting in `text`, or else its first code, if there is an instance whose codes those are; nil
  /// without either.
  ///
  /// Other sites' links have one name in their path too: only one of the form `abc-defg-hij`, or a name of the room's own
  /// instance, counts.
  static func find(in text: String, instance: VisioInstance?) -> String? {
    var code: String?
    for word in text.split(whereSeparator: { $0.isWhitespace || "<>\"'()[]{},;".contains($0) }).prefix(10_000) {
      var word = word
      while let last = word.last, ".:!?".contains(last) { word.removeLast() }
      if word.contains("/") {
        guard let link = try? MeetingLink(typed: String(word)),
          isCode(link.url.split(separator: "/").last ?? "") || link.instance == instance
        else { continue }
        return link.url
      }
      if code == nil, instance != nil, isCode(word) { code = String(word) }
    }
    return code
  }

  private static func isCode(_ text: Substring) -> Bool {
    text.wholeMatch(of: /[a-z]{3}-[a-z]{4}-[a-z]{3}/) != nil
  }
}

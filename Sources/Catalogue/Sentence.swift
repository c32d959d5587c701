/// A language that the room speaks to people.
public enum Language: String, CaseIterable, Hashable, Sendable {
  /// French, the first language of every Visio instance that Salle is made for.
  case french = "fr"
  /// English.
  case english = "en"

  /// The language of a tag such as `fr-fr`, `fr_FR.UTF-8` or `en`; nil when Salle doesn't speak it.
  public init?(tag: some StringProtocol) {
    let primary = tag.prefix { $0 != "-" && $0 != "_" && $0 != "." }
    self.init(rawValue: primary.lowercased())
  }
}

/// What a person in the room sees or hears, in each language.
public struct Sentence: Hashable, Sendable {
  /// The text in French, typeset.
  public let french: String
  /// The text in English.
  public let english: String

  /// A sentence in both languages. What is interpolated into the French keeps its own typography.
  public init(french: FrenchText, english: String) {
    self.french = french.text
    self.english = english
  }

  /// The text in `language`.
  public subscript(language: Language) -> String {
    switch language {
    case .french: french
    case .english: english
    }
  }
}

/// Names and lines on the screen that aren't sentences.
public enum ScreenLabels {
  /// The label of somebody's shared screen.
  public static func screenShare(of name: String) -> Sentence {
    Sentence(
      french: "Écran partagé par \(name)",
      english: "\(name)'s shared screen")
  }

  /// The label of what the room itself presents.
  public static let ownPresentation = Sentence(
    french: "Votre présentation",
    english: "Your presentation")

  /// The label of the room's own picture.
  public static func ownPicture(name: String) -> Sentence {
    Sentence(
      french: "\(name) (vous)",
      english: "\(name) (you)")
  }

  /// A reaction.
  public static func reaction(of name: String, sign: String) -> Sentence {
    Sentence(french: "\(sign) \(name)", english: "\(sign) \(name)")
  }

  /// How loud the loudspeaker is, as a bar and a number.
  public static func volume(percent: Int) -> Sentence {
    let filled = min(max((percent + 5) / 10, 0), 10)
    let bar = String(repeating: "▮", count: filled) + String(repeating: "▯", count: 10 - filled)
    return Sentence(french: "Volume \(bar) \("\(percent)") %", english: "Volume \(bar) \(percent)%")
  }

  /// A line of chat.
  public static func chat(from name: String, text: String) -> Sentence {
    Sentence(
      french: "\(name) : \(text)",
      english: "\(name): \(text)")
  }
}

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

  /// A line of chat.
  public static func chat(from name: String, text: String) -> Sentence {
    Sentence(
      french: "\(name) : \(text)",
      english: "\(name): \(text)")
  }
}

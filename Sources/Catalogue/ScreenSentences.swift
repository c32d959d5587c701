/// What stands on the screen during a meeting.
public enum ScreenSentences {
  /// The label of somebody's shared screen.
  public static func screenShare(of name: String) -> Sentence {
    Sentence(
      french: "Écran partagé par \(name)",
      english: "\(name)'s shared screen")
  }

  /// The room's own picture.
  public static func ownPicture(name: String) -> Sentence {
    Sentence(
      french: "\(name) (vous)",
      english: "\(name) (you)")
  }

  /// Nobody else is in the meeting.
  public static let alone = Sentence(
    french: "Vous êtes seuls pour le moment. Les autres participants apparaîtront ici.",
    english: "You are the only ones here for now. The others will appear here.")

  /// The meeting is being recorded.
  public static let recording = Sentence(
    french: "La réunion est enregistrée",
    english: "This meeting is being recorded")

  /// A host has muted the room's microphone.
  public static let mutedByHost = Sentence(
    french: "Un organisateur a coupé votre micro",
    english: "A host muted your microphone")

  /// A line of chat.
  public static func chat(from name: String, text: String) -> Sentence {
    Sentence(
      french: "\(name) : \(text)",
      english: "\(name): \(text)")
  }

  /// Every sentence here, with an example for what it names.
  public static let all = [
    screenShare(of: "Camille"), ownPicture(name: "Salle Rivoli"), alone, recording, mutedByHost,
    chat(from: "Camille", text: "bonjour"),
  ]
}

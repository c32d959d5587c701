/// What is said while a meeting is joined.
public enum JoiningSentences {
  /// The room is on its way in.
  public static let joining = Sentence(
    french: "Connexion à la réunion…",
    english: "Joining the meeting…")

  /// No meeting has this code.
  public static let noSuchMeeting = Sentence(
    french: "Aucune réunion ne porte ce code. Vérifiez-le, puis réessayez.",
    english: "There is no meeting with this code. Check it and try again.")

  /// The instance refuses the action.
  public static let notAllowed = Sentence(
    french: "Le service Visio n'autorise pas cette action.",
    english: "The Visio service does not allow this action.")

  /// The instance rejects what the room sent.
  public static let rejected = Sentence(
    french: "Le service Visio a rejeté la demande de la salle.",
    english: "The Visio service rejected the room's request.")

  /// Somebody in the room has stopped it.
  public static let cancelled = Sentence(
    french: "Connexion abandonnée.",
    english: "Joining cancelled.")

  /// Every sentence here.
  public static let all = [joining, noSuchMeeting, notAllowed, rejected, cancelled]
}

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

  /// The meeting's media server can't be reached.
  public static let serverUnreachable = Sentence(
    french: "Le serveur de la réunion est injoignable. Vérifiez le réseau, puis réessayez.",
    english: "The meeting server cannot be reached. Check the network and try again.")

  /// The certificate of the meeting's media server isn't trusted.
  public static let serverUntrusted = Sentence(
    french: "Le certificat du serveur de la réunion n'est pas reconnu. Prévenez votre service informatique.",
    english: "The meeting server's certificate is not trusted. Tell your IT service.")

  /// The meeting's media server refuses the room.
  public static let serverRefused = Sentence(
    french: "Le serveur de la réunion refuse l'entrée de la salle. Réessayez dans quelques instants.",
    english: "The meeting server does not let the room in. Try again in a moment.")

  /// Every sentence here.
  public static let all = [
    joining, noSuchMeeting, notAllowed, rejected, cancelled, serverUnreachable, serverUntrusted, serverRefused,
  ]
}

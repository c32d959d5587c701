/// What is said when a meeting is over for the room.
public enum LeavingSentences {
  /// Somebody in the room has left the meeting.
  public static let left = Sentence(
    french: "Vous avez quitté la réunion.",
    english: "You have left the meeting.")

  /// An organiser has removed the room.
  public static let removed = Sentence(
    french: "Un organisateur a retiré la salle de la réunion.",
    english: "An organiser removed the room from the meeting.")

  /// The same identity has joined from elsewhere.
  public static let duplicateIdentity = Sentence(
    french: "La salle a rejoint la réunion depuis un autre appareil. Cette connexion est donc fermée.",
    english: "The room joined the meeting from another device, so this connection was closed.")

  /// The meeting has ended for all.
  public static let ended = Sentence(
    french: "La réunion est terminée.",
    english: "The meeting has ended.")

  /// The connection was lost and couldn't be made again.
  public static let connectionLost = Sentence(
    french: "La connexion à la réunion est perdue. Vérifiez le réseau, puis rejoignez-la de nouveau.",
    english: "The connection to the meeting was lost. Check the network, then join again.")

  /// No media can pass, though signalling works: a firewall, most often.
  public static let mediaBlocked = Sentence(
    french: "Le réseau bloque le son et l'image de la réunion. Prévenez votre service informatique.",
    english: "The network blocks the meeting's sound and picture. Tell your IT service.")

  /// Every sentence here.
  public static let all = [left, removed, duplicateIdentity, ended, connectionLost, mediaBlocked]
}

/// What is said while the room waits to be let in.
public enum LobbySentences {
  /// The request has been made; somebody in the meeting must accept it.
  public static let waiting = Sentence(
    french: "Votre demande a été transmise. Un organisateur va vous laisser entrer.",
    english: "Your request has been sent. An organiser will let you in.")

  /// The instance can't be reached just now, and the room keeps trying.
  public static let reconnecting = Sentence(
    french: "Connexion interrompue. La salle renouvelle la demande…",
    english: "Connection interrupted. The room is asking again…")

  /// An organiser has refused.
  public static let refused = Sentence(
    french: "Un organisateur a refusé la demande d'entrée.",
    english: "An organiser declined the request to join.")

  /// Nobody has answered within the limit.
  public static func unanswered(minutes: Int) -> Sentence {
    Sentence(
      french:
        "Personne n'a répondu en \(minutes) minutes. La réunion n'a peut-être pas commencé : réessayez plus tard.",
      english: "Nobody answered within \(minutes) minutes. The meeting may not have started: try again later.")
  }

  /// The meeting was deleted while the room waited.
  public static let meetingDeleted = Sentence(
    french: "Cette réunion n'existe plus.",
    english: "This meeting no longer exists.")

  /// Every sentence here, with an example for what it names.
  public static let all = [waiting, reconnecting, refused, unanswered(minutes: 10), meetingDeleted]
}

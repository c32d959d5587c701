/// What is said of a code or link that can't be used.
public enum CodeSentences {
  /// Nothing was typed.
  public static let empty = Sentence(
    french: "Tapez le code de la réunion, par exemple abc-defg-hij.",
    english: "Type the meeting code, for example abc-defg-hij.")

  /// The text is neither a code nor a link.
  public static let unreadable = Sentence(
    french: "Ce code ou ce lien n'est pas valable. Un code ressemble à abc-defg-hij.",
    english: "This code or link is not valid. A code looks like abc-defg-hij.")

  /// The link belongs to Visio but leads to another page than a meeting.
  public static let notAMeeting = Sentence(
    french: "Ce lien mène à une page de Visio, pas à une réunion.",
    english: "This link leads to a Visio page, not to a meeting.")

  /// A code without an instance, and none is configured.
  public static let noInstance = Sentence(
    french: "Aucun service Visio n'est configuré pour cette salle. Utilisez le lien complet de la réunion.",
    english: "No Visio service is configured for this room. Use the full meeting link.")

  /// What was given as the address of an instance isn't one.
  public static func noAddress(name: String) -> Sentence {
    Sentence(
      french: "« \(name) » n'est pas l'adresse d'un service Visio, qui ressemble à https://visio.numerique.gouv.fr .",
      english: "“\(name)” is not the address of a Visio service, which looks like https://visio.numerique.gouv.fr .")
  }

  /// Every sentence here, with an example for what it names.
  public static let all = [empty, unreadable, notAMeeting, noInstance, noAddress(name: "visio,example")]
}

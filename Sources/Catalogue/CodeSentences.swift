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

  /// Every sentence here.
  public static let all = [empty, unreadable, notAMeeting, noInstance]
}

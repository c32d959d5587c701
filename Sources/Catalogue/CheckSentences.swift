/// What an installer reads about the check of a device. Figures come as they are to be printed.
public enum CheckSentences {
  /// A device is checked.
  public static func checking(name: String) -> Sentence {
    Sentence(french: "Essai de « \(name) »…", english: "Checking “\(name)”…")
  }

  /// There is nothing to check.
  public static let nothing = Sentence(
    french: "Il n'y a aucun appareil à essayer.", english: "There is no device to check.")

  /// The device does what a room needs.
  public static let passed = Sentence(
    french: "L'appareil fonctionne.", english: "The device works.")

  /// At least one figure is not as it should be.
  public static let failed = Sentence(
    french: "L'appareil ne fonctionne pas comme il faut : voir les lignes marquées « ! ».",
    english: "The device does not work as it should: see the lines marked “!”.")

  /// The device couldn't be driven at all.
  public static let unusable = Sentence(
    french: "L'appareil ne peut pas être utilisé.", english: "The device cannot be used.")

  /// Every sentence here, with an example for what it names.
  public static let all = [checking(name: "Test"), nothing, passed, failed, unusable]
}

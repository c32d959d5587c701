/// What stands around diagnostics in a list.
public enum DiagnosticLabels {
  /// The room can't meet.
  public static let critical = Sentence(french: "Grave :", english: "Critical:")
  /// Something that people need doesn't work.
  public static let error = Sentence(french: "Erreur :", english: "Error:")
  /// The room works, but not as well as it could.
  public static let warning = Sentence(french: "Attention :", english: "Warning:")
  /// Nothing is wrong.
  public static let allWell = Sentence(french: "Tout va bien.", english: "All is well.")

  /// Every label here.
  public static let all = [critical, error, warning, allWell]
}

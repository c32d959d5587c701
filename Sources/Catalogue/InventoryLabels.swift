/// What an installer reads about the devices that are there.
public enum InventoryLabels {
  /// Headings, one for each role of a device.
  public static let cameras = Sentence(french: "Caméras", english: "Cameras")
  /// Inputs for what is presented.
  public static let presentations = Sentence(french: "Entrées de présentation", english: "Presentation inputs")
  /// Microphones.
  public static let microphones = Sentence(french: "Micros", english: "Microphones")
  /// Loudspeakers.
  public static let loudspeakers = Sentence(french: "Haut-parleurs", english: "Loudspeakers")
  /// Screens.
  public static let screens = Sentence(french: "Écrans", english: "Screens")

  /// There is no device of a role.
  public static let none = Sentence(french: "aucun appareil", english: "no device")

  /// How to ask for a device in the settings.
  public static func rule(_ rule: String) -> Sentence {
    Sentence(french: "à demander par : \(rule)", english: "ask for it by: \(rule)")
  }

  /// A device is there but can't be used: nothing plugged in, no signal.
  public static let notReady = Sentence(
    french: "non utilisable : rien de branché, ou pas de signal",
    english: "not usable: nothing plugged in, or no signal")

  /// A device is used because it was asked for.
  public static func chosenByWish(_ rule: String) -> Sentence {
    Sentence(french: "choisi : demandé par \(rule)", english: "chosen: asked for by \(rule)")
  }

  /// A device is used because it is the best one.
  public static let chosenAsBest = Sentence(
    french: "choisi : le meilleur de ceux qui sont là",
    english: "chosen: the best of those that are there")

  /// A device is used because what was asked for isn't there.
  public static let chosenInPlace = Sentence(
    french: "choisi : le meilleur de ceux qui sont là, car celui qui est demandé manque",
    english: "chosen: the best of those that are there, as the one asked for is missing")

  /// Every label here, with an example for what it names.
  public static let all = [
    cameras, presentations, microphones, loudspeakers, screens, none, rule("usb:1234:5678"), notReady,
    chosenByWish("usb:1234:5678"), chosenAsBest, chosenInPlace,
  ]
}

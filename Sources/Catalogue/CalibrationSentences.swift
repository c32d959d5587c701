/// What an installer reads when a room's sound is measured.
public enum CalibrationSentences {
  /// The sweep is about to be played.
  public static func measuring(microphone: String, loudspeaker: String) -> Sentence {
    Sentence(
      french: "Mesure de la salle avec « \(microphone) » et « \(loudspeaker) » : silence, s'il vous plaît…",
      english: "Measuring the room with “\(microphone)” and “\(loudspeaker)”: silence, please…")
  }

  /// There is no microphone or no loudspeaker.
  public static let noDevice = Sentence(
    french: "Il faut un microphone et un haut-parleur.", english: "A microphone and a loudspeaker are needed.")

  /// The sweep wasn't heard.
  public static let nothingHeard = Sentence(
    french: "Le microphone n'entend presque pas le haut-parleur : montez le volume, ou choisissez d'autres appareils.",
    english: "The microphone hardly hears the loudspeaker: turn the volume up, or choose other devices.")

  /// The sweep is too loud.
  public static let overloaded = Sentence(
    french: "Le microphone sature : baissez le volume ou sa sensibilité.",
    english: "The microphone is overloaded: turn down the volume or its sensitivity.")

  /// A device was lost, or lost sound.
  public static let lost = Sentence(
    french: "Un appareil a été perdu pendant la mesure.", english: "A device was lost during the measurement.")

  /// The profile has been written.
  public static func written(path: String) -> Sentence {
    Sentence(
      french: "Le profil de la salle est enregistré dans « \(path) ».",
      english: "The room's profile has been stored in “\(path)”.")
  }

  /// Every sentence here, with an example for what it names.
  public static let all = [
    measuring(microphone: "USB", loudspeaker: "HDMI"), noDevice, nothingHeard, overloaded, lost,
    written(path: "/var/lib/salle/room.json"),
  ]
}

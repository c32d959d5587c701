/// What the command line tells of a meeting.
public enum NarrationSentences {
  /// The room takes part.
  public static func inMeeting(name: String) -> Sentence {
    Sentence(
      french: "\(name) participe à la réunion. Ctrl-C pour la quitter.",
      english: "\(name) is in the meeting. Ctrl-C to leave.")
  }

  /// Somebody came.
  public static func joined(name: String) -> Sentence {
    Sentence(french: "\(name) a rejoint la réunion.", english: "\(name) joined.")
  }

  /// Somebody left.
  public static func left(name: String) -> Sentence {
    Sentence(french: "\(name) a quitté la réunion.", english: "\(name) left.")
  }

  /// Somebody raised a hand.
  public static func handRaised(name: String) -> Sentence {
    Sentence(french: "\(name) lève la main.", english: "\(name) raised a hand.")
  }

  /// Somebody lowered a hand.
  public static func handLowered(name: String) -> Sentence {
    Sentence(french: "\(name) baisse la main.", english: "\(name) lowered the hand.")
  }

  /// The practice meeting can't be started.
  public static let practiceUnavailable = Sentence(
    french: "La réunion d'essai ne peut pas démarrer.",
    english: "The practice meeting cannot start.")

  /// Where the practice meeting is, for others on the same machine.
  public static func practiceRoom(link: String) -> Sentence {
    Sentence(
      french: "Réunion d'essai, sur cette machine seulement : \(link) .",
      english: "Practice meeting, on this machine only: \(link) .")
  }

  /// Where the room's screen is shown.
  public static func screen(url: String) -> Sentence {
    Sentence(french: "L'écran de la salle : \(url) .", english: "The room's screen: \(url) .")
  }

  /// Every sentence here, with an example for what it names.
  public static let all = [
    inMeeting(name: "Salle Rivoli"), joined(name: "Camille"), left(name: "Camille"), handRaised(name: "Camille"),
    handLowered(name: "Camille"), practiceUnavailable, practiceRoom(link: "http://127.0.0.1:1/abc-defg-hij"),
    screen(url: "http://127.0.0.1:1/"),
  ]
}

/// What a room's screen says while there is no meeting.
public enum FrontPageTexts {
  /// Nobody has booked the room.
  public static let free = Sentence(french: "Salle libre", english: "Room is free")

  /// Somebody has booked the room for later.
  public static func freeUntil(_ time: String) -> Sentence {
    Sentence(french: "Libre jusqu'à \(time)", english: "Free until \(time)")
  }

  /// Somebody has booked the room.
  public static func bookedUntil(_ time: String) -> Sentence {
    Sentence(french: "Réservée jusqu'à \(time)", english: "Booked until \(time)")
  }

  /// Above the next meetings.
  public static let meetings = Sentence(french: "Prochaines réunions", english: "Next meetings")

  /// The same, while the calendar can't be asked.
  public static func meetingsSince(_ time: String) -> Sentence {
    Sentence(
      french: "Prochaines réunions (calendrier injoignable depuis \(time))",
      english: "Next meetings (calendar unreachable since \(time))")
  }

  /// In place of the next meetings.
  public static let noMeetings = Sentence(
    french: "Aucune réunion n'est prévue aujourd'hui.", english: "No meeting is planned today.")

  /// In place of the title of a meeting that has none.
  public static let untitled = Sentence(french: "Réunion", english: "Meeting")

  /// How to join.
  public static let guidance = Sentence(
    french: "Pour rejoindre une réunion, touchez-la sur le panneau ou tapez-y son code.",
    english: "To join a meeting, touch it on the panel or type its code there.")

  /// Nobody listens to a panel.
  public static let noPanel = Sentence(
    french: "Cette salle est pilotée par son système de commande.", english: "A control system drives this room.")

  /// Beside the code that lets a phone control the room.
  public static let pairing = Sentence(
    french: "Scannez ce code pour piloter la salle avec votre téléphone.",
    english: "Scan this code to control the room with your phone.")

  /// Beside the code that lets an installer set the first PIN.
  public static let setup = Sentence(
    french: "Première mise en service : ouvrez cette page et choisissez le PIN.",
    english: "First use: open this page and choose the PIN.")

  /// The code of the first use.
  public static func setupCode(_ code: String) -> Sentence {
    Sentence(french: "Code \(code)", english: "Code \(code)")
  }

  /// Every text here, with an example for what it names; the code's is the same in both languages.
  public static let all = [
    free, freeUntil("14:00"), bookedUntil("14:00"), meetings, meetingsSince("14:00"), noMeetings, untitled, guidance,
    noPanel, pairing, setup,
  ]
}

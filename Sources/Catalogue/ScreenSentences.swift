/// What the screen says during a meeting.
public enum ScreenSentences {
  /// Nobody else is in the meeting.
  public static let alone = Sentence(
    french: "Vous êtes seuls pour le moment. Les autres participants apparaîtront ici.",
    english: "You are the only ones here for now. The others will appear here.")

  /// The meeting is being recorded.
  public static let recording = Sentence(
    french: "La réunion est enregistrée.",
    english: "This meeting is being recorded.")

  /// A host has muted the room's microphone.
  public static let mutedByHost = Sentence(
    french: "Un organisateur a coupé votre micro.",
    english: "An organiser muted your microphone.")

  /// Somebody in the room speaks while the microphone is muted.
  public static let mutedWhileSpeaking = Sentence(
    french: "Votre micro est coupé : les autres ne vous entendent pas.",
    english: "Your microphone is muted: the others can't hear you.")

  /// Every sentence here.
  public static let all = [alone, recording, mutedByHost, mutedWhileSpeaking]
}

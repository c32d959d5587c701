import Catalogue
import LiveKit
import Visio

/// Where a meeting stands, for whoever shows it.
public enum MeetingProgress: Hashable, Sendable {
  /// The instance is asked for the meeting.
  case findingMeeting
  /// The room waits at the door.
  case lobby(Lobby.Progress)
  /// The media server is being joined.
  case connecting
  /// The room takes part: others see and hear it.
  case inMeeting
  /// The connection is lost, and being made anew.
  case reconnecting
  /// Over.
  case over(MeetingEnding)

  /// What to tell the person.
  public var sentence: Sentence {
    switch self {
    case .findingMeeting, .connecting, .inMeeting, .reconnecting: JoiningSentences.joining
    case .lobby(let progress): progress.sentence
    case .over(let ending): ending.sentence
    }
  }
}

/// What happens in a meeting beside its progress.
public enum MeetingEvent: Hashable, Sendable {
  /// The progress changed.
  case progress(MeetingProgress)
  /// Somebody came, by name.
  case joined(name: String)
  /// Somebody left, by name.
  case left(name: String)
  /// A line of chat.
  case chat(name: String, text: String)
  /// Somebody raised or lowered a hand.
  case hand(name: String, isRaised: Bool)
  /// Somebody reacted, by one of Visio's words such as `thumbs-up`.
  case reaction(name: String, reaction: String)
  /// Who is there, or what they or the room itself do, is no longer the same.
  case rosterChanged(MeetingRoster)
  /// A host muted the room's microphone.
  case mutedByHost
  /// Somebody in the room speaks while its microphone is muted; told once, until there was a pause.
  case mutedWhileSpeaking
}

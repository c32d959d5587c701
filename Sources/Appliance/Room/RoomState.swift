/// What the room is doing.
public enum RoomState: Hashable, Sendable {
  /// Devices and services come up.
  case starting
  /// Ready, its screen on.
  case idle
  /// Ready, its screen off.
  case standby
  /// On its way into a meeting.
  case joining
  /// At the meeting's door, waiting to be let in.
  case lobby
  /// In a meeting.
  case inMeeting
  /// In a meeting whose connection is lost, and being made anew.
  case reconnecting
  /// On its way out of a meeting.
  case leaving
  /// Unable to meet until something is put right.
  case fault(RoomFault)

  /// The state's name in the control tree: a value of `SystemUnit State Room`.
  public var controlName: String {
    switch self {
    case .starting: "Starting"
    case .idle: "Idle"
    case .standby: "Standby"
    case .joining: "Joining"
    case .lobby: "Lobby"
    case .inMeeting: "InMeeting"
    case .reconnecting: "Reconnecting"
    case .leaving: "Leaving"
    case .fault: "Fault"
    }
  }

  /// Whether there is a meeting, also one that is being joined or left.
  public var hasMeeting: Bool {
    switch self {
    case .joining, .lobby, .inMeeting, .reconnecting, .leaving: true
    case .starting, .idle, .standby, .fault: false
    }
  }
}

/// What keeps the room from meeting. Losing a panel, the calendar or a camera doesn't: these are only reported.
public enum RoomFault: Hashable, Sendable, CaseIterable {
  /// The settings can't be read.
  case settings
  /// There is neither microphone nor loudspeaker.
  case sound
  /// There is no screen.
  case screen
}

/// Why the room won't do what it was told.
public enum RoomRefusal: Hashable, Sendable {
  /// It hasn't come up yet.
  case starting
  /// It is in a meeting, or on its way into or out of one.
  case busy
  /// It isn't in a meeting.
  case noMeeting
  /// It can't meet.
  case fault(RoomFault)
}

/// One meeting as the room's controller drives it, from the wish to join it to its end.
public protocol MeetingControlling: Sendable {
  /// What happens in it, for one reader; ends with the meeting.
  var news: AsyncStream<CallNews> { get }
  /// Joins, takes part and leaves. Called once; returns with nothing left running.
  func run() async -> CallEnding
  /// Ends it, or the attempt to join it; `run()` returns soon after.
  func leave() async
  /// Mutes or unmutes the room's microphone. When it throws, nothing leaves the room muted all the same.
  func setMicrophoneMuted(_ isMuted: Bool) async throws(CallFailure)
  /// Switches the room's camera off or on.
  func setCameraMuted(_ isMuted: Bool) async throws(CallFailure)
  /// Raises or lowers the room's hand.
  func setHandRaised(_ isRaised: Bool) async throws(CallFailure)
  /// Shows all a reaction, by one of the control tree's words.
  func sendReaction(_ reaction: String) async throws(CallFailure)
  /// Writes to all.
  func sendChat(_ text: String) async throws(CallFailure)
  /// Shares what is plugged into an input.
  func startPresentation(input: Int) async throws(CallFailure)
  /// Shares nothing any more.
  func stopPresentation() async
  /// Arranges the screen in another way.
  func setLayout(_ layout: RoomLayout) async
  /// Shows the room to itself, or not.
  func setSelfViewShown(_ isShown: Bool) async
  /// Shows for a moment how loud the loudspeaker is, in per cent; 0 when it is off.
  func showVolume(_ percent: Int) async
  /// Shows a text on the screen until another, or nil, takes its place.
  func setMessage(_ text: String?) async
}

/// Makes meetings.
public protocol MeetingJoining: Sendable {
  /// The meeting of a code or link, not begun.
  /// - Throws: when it is neither.
  func meeting(_ number: String, wishes: CallWishes) async throws(CallFailure) -> any MeetingControlling
}

/// Why something in a meeting wasn't done, in words for integrators.
public struct CallFailure: Error, Hashable, Sendable {
  /// The words.
  public let reason: String

  /// A failure.
  public init(_ reason: String) { self.reason = reason }
}

/// How a meeting is joined.
public struct CallWishes: Hashable, Sendable {
  /// The room's name, as the others see it.
  public var name = ""
  /// Whether screen and messages are in French; else they are in English.
  public var isFrench = true
  /// Whether the microphone is muted from the start.
  public var isMicrophoneMuted = false
  /// Whether the camera is off from the start.
  public var isCameraMuted = false
  /// How the screen is arranged.
  public var layout = RoomLayout.automatic
  /// Whether the room sees itself.
  public var isSelfViewShown = true

  /// The usual.
  public init() {}
}

/// How the screen is arranged. The raw value is its name in the control tree.
public enum RoomLayout: String, CaseIterable, Hashable, Sendable {
  /// What suits best.
  case automatic = "Auto"
  /// Everybody equally large.
  case grid = "Grid"
  /// Whoever speaks large.
  case speaker = "Speaker"

  /// Its older name.
  var family: String {
    switch self {
    case .automatic: "auto"
    case .grid: "equal"
    case .speaker: "prominent"
    }
  }
}

/// What happens in a meeting.
public enum CallNews: Hashable, Sendable {
  /// The room waits at the door.
  case lobbyEntered
  /// The room is in the meeting, for the first time or again.
  case joined
  /// The connection is lost, and being made anew.
  case connectionLost
  /// Who is there, or what they or the room do, has changed.
  case rosterChanged(CallRoster)
  /// A line of chat.
  case chat(name: String, text: String)
  /// A reaction, by one of the control tree's words.
  case reaction(name: String, reaction: String)
}

/// Who is in a meeting, and what they do.
public struct CallRoster: Hashable, Sendable {
  /// Somebody in the meeting.
  public struct Member: Hashable, Sendable {
    /// Who it is.
    public var identity: String
    /// The name to show.
    public var name: String
    /// Whether the microphone is muted.
    public var isMicrophoneMuted = false
    /// Whether the camera is off.
    public var isCameraMuted = false
    /// Whether the hand is raised.
    public var isHandRaised = false
    /// Whether something is shared.
    public var isPresenting = false

    /// Somebody.
    public init(identity: String, name: String) {
      self.identity = identity
      self.name = name
    }
  }

  /// The others.
  public var others: [Member]
  /// The room itself.
  public var own: Member
  /// Whether the meeting is recorded.
  public var isRecording = false

  /// Who is there.
  public init(others: [Member], own: Member) {
    self.others = others
    self.own = own
  }
}

/// How a meeting ended, or why it didn't come about.
public struct CallEnding: Hashable, Sendable {
  /// The cause; the raw value is its name in the control tree.
  public enum Cause: String, CaseIterable, Hashable, Sendable {
    /// The room left.
    case left = "LocalDisconnect"
    /// The meeting is over.
    case ended = "RemoteDisconnect"
    /// An organiser refused the room at the door.
    case refused = "Rejected"
    /// Nobody answered at the door.
    case unanswered = "Unanswered"
    /// An organiser removed the room.
    case removed = "Removed"
    /// The room joined from another device.
    case replaced = "Replaced"
    /// The network failed.
    case networkLost = "NetworkLost"
    /// There is no such meeting.
    case notFound = "NotFound"
    /// Something else.
    case other = "Other"

    /// The number that control systems know the cause by (ITU-T Q.850).
    var number: Int {
      switch self {
      case .left, .ended, .removed, .replaced: 16
      case .refused: 21
      case .unanswered: 19
      case .networkLost: 38
      case .notFound: 1
      case .other: 127
      }
    }
  }

  /// The cause.
  public let cause: Cause
  /// The same for people.
  public let sentence: String
  /// Whether the network let neither sound nor picture through.
  public let isMediaBlocked: Bool

  /// An ending.
  public init(_ cause: Cause, _ sentence: String, isMediaBlocked: Bool = false) {
    self.cause = cause
    self.sentence = sentence
    self.isMediaBlocked = isMediaBlocked
  }
}

import Catalogue
import LiveKit
import Visio

/// How a meeting ended, or why it didn't come about.
public enum MeetingEnding: Error, Hashable, Sendable {
  /// Somebody in the room left.
  case left
  /// Joining was given up by somebody in the room.
  case cancelled
  /// Visio's API couldn't be used, or knows no such meeting.
  case visio(VisioError)
  /// An organiser refused the room at the door.
  case refused
  /// Nobody answered at the door.
  case unanswered
  /// The meeting was deleted while the room waited at its door.
  case meetingDeleted
  /// The instance doesn't say where its media server is, or says it unreadably.
  case noServer
  /// The media server couldn't be joined.
  case notJoined(SignalConnectionError)
  /// An organiser removed the room.
  case removed
  /// The same identity joined from another device.
  case duplicateIdentity
  /// The meeting is over.
  case ended
  /// The connection broke.
  case connectionLost
  /// No media passed the network.
  case mediaBlocked

  /// What to tell the person.
  public var sentence: Sentence {
    switch self {
    case .left: LeavingSentences.left
    case .cancelled: JoiningSentences.cancelled
    case .visio(let error): error.sentence
    case .refused: LobbySentences.refused
    case .unanswered: Lobby.Outcome.unanswered.sentence
    case .meetingDeleted: LobbySentences.meetingDeleted
    case .noServer: JoiningSentences.serverUnreachable
    case .notJoined(let error): error.sentence
    case .removed: LeavingSentences.removed
    case .duplicateIdentity: LeavingSentences.duplicateIdentity
    case .ended: LeavingSentences.ended
    case .connectionLost: LeavingSentences.connectionLost
    case .mediaBlocked: LeavingSentences.mediaBlocked
    }
  }

  /// What `reason` means for the meeting.
  init(_ reason: ClosureReason) {
    self =
      switch reason {
      case .left: .left
      case .notJoined(let error): .notJoined(error)
      case .disconnected(.participantRemoved): .removed
      case .disconnected(.duplicateIdentity): .duplicateIdentity
      case .disconnected(.roomDeleted), .disconnected(.roomClosed): .ended
      case .disconnected(.clientInitiated): .left
      case .disconnected(.joinFailure), .mediaUnreachable: .mediaBlocked
      case .disconnected, .connectionLost, .negotiationFailed: .connectionLost
      }
  }

  /// How waiting at the door ended without being let in; nil when it did let in.
  init?(_ outcome: Lobby.Outcome) {
    switch outcome {
    case .admitted: return nil
    case .refused: self = .refused
    case .unanswered: self = .unanswered
    case .meetingDeleted: self = .meetingDeleted
    case .failed(let error): self = .visio(error)
    case .cancelled: self = .cancelled
    }
  }
}

extension SignalConnectionError {
  /// What to tell the person.
  var sentence: Sentence {
    switch self {
    case .tls(_, isUntrusted: true): JoiningSentences.serverUntrusted
    case .rejected: JoiningSentences.serverRefused
    case .invalidURL, .unreachable, .tls, .notWebSocket, .timedOut, .protocolViolation, .closed:
      JoiningSentences.serverUnreachable
    }
  }
}

import LiveKitMessages

/// Why a participant, ourselves or another, is no longer in the room, as the server says.
public enum DisconnectReason: Hashable, Sendable {
  /// Not said, or a reason newer than this code; `code` is its number.
  case unknown(code: Int)
  /// The participant left.
  case clientInitiated
  /// The same identity joined elsewhere. Joining again would throw the other one out.
  case duplicateIdentity
  /// The server is being stopped.
  case serverShutdown
  /// A host removed the participant.
  case participantRemoved
  /// The room was deleted through the server's API.
  case roomDeleted
  /// Client and server disagree on the session.
  case stateMismatch
  /// The media connection didn't come up in time.
  case joinFailure
  /// The participant moves to another node.
  case migration
  /// The signalling connection closed.
  case signalClose
  /// Everyone left.
  case roomClosed
  /// A called person didn't answer.
  case userUnavailable
  /// A called person declined.
  case userRejected
  /// A telephone line failed.
  case sipTrunkFailure
  /// The media connection was lost.
  case connectionTimeout
  /// The server's media handling failed.
  case mediaFailure
  /// An agent failed.
  case agentError

  init(_ message: LKDisconnectReason) {
    self =
      switch message {
      case .clientInitiated: .clientInitiated
      case .duplicateIdentity: .duplicateIdentity
      case .serverShutdown: .serverShutdown
      case .participantRemoved: .participantRemoved
      case .roomDeleted: .roomDeleted
      case .stateMismatch: .stateMismatch
      case .joinFailure: .joinFailure
      case .migration: .migration
      case .signalClose: .signalClose
      case .roomClosed: .roomClosed
      case .userUnavailable: .userUnavailable
      case .userRejected: .userRejected
      case .sipTrunkFailure: .sipTrunkFailure
      case .connectionTimeout: .connectionTimeout
      case .mediaFailure: .mediaFailure
      case .agentError: .agentError
      case .unknownReason: .unknown(code: 0)
      case .UNRECOGNIZED(let code): .unknown(code: code)
      }
  }
}

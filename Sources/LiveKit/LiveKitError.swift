/// Why something asked of a session didn't come about.
public enum LiveKitError: Error, Hashable, Sendable {
  /// There is no session, or not yet. Wait for `RoomEvent.joined`.
  case notConnected
  /// The session ended first.
  case closed(ClosureReason)
  /// A session was begun before; each `LiveKitClient` serves one.
  case alreadyStarted
  /// The server, or the room's host, doesn't allow it: a source that may not be published, for instance.
  case notAllowed
  /// Too much at once: more tracks than the server takes, or a text above its limits.
  case limitExceeded
  /// There is no such track.
  case unknownTrack
  /// The server refused for another reason; its text is for the log.
  case refused(String)
  /// The server didn't answer in time.
  case timedOut
  /// The data channel isn't open, or more data waits in it than it takes.
  case dataChannelUnavailable
}

/// Why a session ended.
public enum ClosureReason: Hashable, Sendable {
  /// We left.
  case left
  /// The server couldn't be joined. What can be done about it is with the error's cases.
  case notJoined(SignalConnectionError)
  /// The server ended our stay and doesn't want us back by itself.
  case disconnected(DisconnectReason)
  /// A connection that was up is lost.
  case connectionLost(ConnectionLoss)
  /// The media connection never came up: a firewall, most likely.
  case mediaUnreachable
  /// An SDP couldn't be applied or made; the text is for the log.
  case negotiationFailed(String)
}

/// Which connection was lost, and how it showed.
public enum ConnectionLoss: Hashable, Sendable {
  /// The signalling connection ended.
  case signal(SignalConnectionError)
  /// Nothing came from the server for as long as it said it never would be silent.
  case silence
  /// The server didn't answer an offer.
  case negotiation
  /// A peer connection failed.
  case media(PeerConnectionRole)
  /// The server asks to connect again; `newSession`: from the start rather than resuming.
  case serverRequest(DisconnectReason, newSession: Bool)
}

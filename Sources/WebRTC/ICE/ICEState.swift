/// An agent's part in the session (RFC 8445 section 6.1.1).
public enum ICERole: Hashable, Sendable {
  /// Chooses the pair that is used.
  case controlling
  /// Follows the peer's choice.
  case controlled

  /// The other role.
  public var opposite: ICERole { self == .controlling ? .controlled : .controlling }
}

/// How far an agent has come; the states of W3C's `RTCIceTransportState`.
public enum ICEState: Hashable, Sendable {
  /// The peer's credentials aren't known yet.
  case new
  /// Checks run, no pair works yet.
  case checking
  /// A pair works and may carry data; the final one isn't nominated yet.
  case connected
  /// The nominated pair carries data.
  case completed
  /// Nothing has been heard from the peer for a few seconds. It may come back by itself; sending goes on.
  case disconnected
  /// No pair worked in time, or the peer's consent expired (RFC 7675): nothing may be sent. An ICE restart may help.
  case failed
  /// The agent was closed.
  case closed
}

/// What an agent has to tell its owner.
public enum ICEEvent: Hashable, Sendable {
  /// The state has changed.
  case stateChanged(ICEState)
  /// Another pair carries data from now on.
  case selectedPair(ICESelectedPair)
  /// A candidate to signal to the peer.
  case localCandidate(ICECandidate)
  /// No more local candidates are expected (until a socket is added).
  case gatheringComplete
  /// A role conflict was settled by changing our role (RFC 8445 section 7.3.1.1).
  case roleChanged(ICERole)
}

/// The pair that carries data, for the record.
public struct ICESelectedPair: Hashable, Sendable {
  /// Our socket and the peer's address.
  public var path: TransportPath
  /// What our side of the pair is as the peer sees it.
  public var localKind: ICECandidate.Kind
  /// What the peer's side of the pair is.
  public var remoteKind: ICECandidate.Kind
  /// Whether the controlling agent chose it, so that it isn't merely the best for now.
  public var isNominated: Bool
  /// The round trip time of the last check that was answered without repetition; zero before.
  public var roundTripTime: Duration
}

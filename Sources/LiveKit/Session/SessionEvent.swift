import LiveKitMessages

/// Identifies something that was asked of a session, until it's answered.
public struct RequestID: Hashable, Sendable {
  /// Counts up.
  public let number: UInt32

  /// The request with the given number.
  public init(number: UInt32) {
    self.number = number
  }
}

/// What the layout needs of a subscribed track (`UpdateTrackSettings`).
public struct TrackSettings: Hashable, Sendable {
  /// Whether the track isn't shown at all, so that nothing need be sent.
  public var isDisabled: Bool
  /// Width at which it's shown, in pixels; 0 to leave the choice to the server.
  public var width: Int
  /// Height at which it's shown, in pixels; 0 to leave the choice to the server.
  public var height: Int
  /// Most pictures a second; 0 for all.
  public var framesPerSecond: Int
  /// Which tracks win when bandwidth is short, higher first; 0 for the server's choice.
  public var priority: Int

  /// Settings of a track.
  public init(
    isDisabled: Bool = false, width: Int = 0, height: Int = 0, framesPerSecond: Int = 0, priority: Int = 0
  ) {
    self.isDisabled = isDisabled
    self.width = width
    self.height = height
    self.framesPerSecond = framesPerSecond
    self.priority = priority
  }
}

/// What can happen to a session.
public enum SessionEvent: Sendable {
  // From the person or program that uses the session.

  /// Join. `unixTime`: milliseconds since 1970 at this instant, for the pings' time stamps.
  case connect(ConnectOptions, unixTime: Int64)
  /// Leave, and tell the server.
  case leave
  /// Publish a track; answered by `RequestOutcome`.
  case publish(LocalTrack, RequestID)
  /// Stop publishing the track with this cid.
  case unpublish(cid: String, RequestID)
  /// Mute or unmute our track with this cid.
  case setMuted(cid: String, Bool, RequestID)
  /// Say how a subscribed track is shown; sent when nothing changed for 100 ms.
  case setTrackSettings(trackSID: String, TrackSettings)
  /// Subscribe to tracks or unsubscribe from them.
  case setSubscribed(trackSIDs: [String], Bool)
  /// Change our own name, metadata or attributes (an empty value deletes one).
  case updateMetadata(LKUpdateParticipantMetadata, RequestID)

  // From the signalling connection.

  /// The WebSocket is open.
  case signalOpened
  /// The WebSocket couldn't be opened, or is gone.
  case signalClosed(SignalConnectionError)
  /// A response came.
  case signalReceived(LKSignalResponse)
  /// A message came that isn't a response.
  case signalMalformed(MessageDecodingError)

  // From the peer connections.

  /// A peer connection made the offer asked for with `createOffer`.
  case offerCreated(PeerConnectionRole, sdp: String)
  /// A peer connection made the answer asked for with `createAnswer`.
  case answerCreated(PeerConnectionRole, offerID: UInt32, sdp: String)
  /// A peer connection refused a description or couldn't make one.
  case negotiationFailed(PeerConnectionRole, String)
  /// A peer connection found an address of ours.
  case localCandidate(PeerConnectionRole, candidate: String, mid: String, usernameFragment: String)
  /// A peer connection's transports are up.
  case transportConnected(PeerConnectionRole)
  /// A peer connection failed for good.
  case transportFailed(PeerConnectionRole)
  /// A track arrives on an m-line.
  case trackAdded(PeerConnectionRole, IncomingTrack)
  /// Nothing arrives on the m-line any more.
  case trackRemoved(PeerConnectionRole, mid: String)

  // From the clock.

  /// `Session.nextDeadline` has come.
  case timeout
}

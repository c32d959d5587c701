import WebRTC

/// Which of the session's peer connections. With a single peer connection everything is on the publisher.
public enum PeerConnectionRole: Hashable, Sendable {
  /// The one on which we make the offers: what we send, and our data.
  case publisher
  /// The one on which the server makes the offers: what we receive.
  case subscriber
}

/// A track of somebody else that arrives.
public struct SubscribedTrack: Hashable, Sendable {
  /// The server's identifier of the track.
  public let sid: String
  /// Who publishes it.
  public let participantIdentity: String
  /// The identifier of the publisher's present stay.
  public let participantSID: String
  /// Sound or pictures.
  public let kind: MediaKind
  /// Where its media comes from.
  public let source: TrackSource
  /// The peer connection on which it arrives.
  public let connection: PeerConnectionRole
  /// The m-line on which it arrives. M-lines are used again: the same one may carry another track later.
  public let mid: String
}

/// A track that a peer connection announced; the part of it that the session needs.
public struct IncomingTrack: Hashable, Sendable {
  /// The m-line.
  public let mid: String
  /// Sound or pictures.
  public let kind: MediaKind
  /// First token of `a=msid`: the publisher's SID, then a bar and more.
  public let streamID: String
  /// Second token of `a=msid`: the track's SID.
  public let trackID: String

  /// A track as its m-line describes it.
  public init(mid: String, kind: MediaKind, streamID: String, trackID: String) {
    self.mid = mid
    self.kind = kind
    self.streamID = streamID
    self.trackID = trackID
  }
}

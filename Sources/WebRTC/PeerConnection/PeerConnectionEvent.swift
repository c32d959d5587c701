/// What a track carries.
public enum MediaKind: Hashable, Sendable {
  /// Sound.
  case audio
  /// Pictures.
  case video
}

/// A transceiver of one `PeerConnection`: one m-line of its session description (RFC 9429 §3.4.1).
public struct TransceiverID: Hashable, Sendable {
  let index: Int
}

/// The state of a peer connection's transports taken together (W3C WebRTC §4.3.3).
public enum PeerConnectionState: Hashable, Sendable {
  /// No transport has begun.
  case new
  /// ICE or DTLS is at work.
  case connecting
  /// ICE has a path and DTLS is up: media and data flow.
  case connected
  /// The path fell silent; it may come back by itself.
  case disconnected
  /// The path is lost, or DTLS failed; only an ICE restart or a new connection helps.
  case failed(PeerConnectionFailure)
  /// Closed by `close`.
  case closed
}

/// Why a peer connection failed.
public enum PeerConnectionFailure: Hashable, Sendable {
  /// No path to the peer was found, or consent ran out (RFC 7675): a firewall, or the peer is gone.
  case ice
  /// The DTLS handshake failed or the peer closed it; `reason` is for the log.
  case dtls(reason: String)
}

/// A track that the peer sends.
public struct RemoteTrack: Hashable, Sendable {
  /// The transceiver that receives it.
  public let transceiver: TransceiverID
  /// Sound or pictures.
  public let kind: MediaKind
  /// The m-line's identification (RFC 5888).
  public let mid: String
  /// First token of `a=msid`; empty when there is none.
  public let streamID: String
  /// Second token of `a=msid`; empty when there is none.
  public let trackID: String
}

/// What a peer connection tells its owner. Media doesn't come this way but through the sinks.
public enum PeerConnectionEvent: Sendable {
  /// The transports' joint state changed.
  case stateChanged(PeerConnectionState)
  /// A local candidate to trickle to the peer: an SDP attribute value (`candidate:…`) that belongs to the first m-line.
  case localCandidate(String, mid: String, usernameFragment: String)
  /// All local candidates are known.
  case gatheringComplete
  /// The peer's description brought a track, or another one into an m-line that is reused.
  case trackAdded(RemoteTrack)
  /// The transceiver's track ended.
  case trackRemoved(TransceiverID)
  /// The peer needs a key frame of an encoding (index into the transceiver's encodings); already throttled.
  case keyFrameRequested(TransceiverID, encoding: Int)
  /// A data channel is open, ours or one that the peer made.
  case dataChannelOpened(DataChannelID, label: String)
  /// A message arrived.
  case dataChannelMessage(DataChannelID, [UInt8], isBinary: Bool)
  /// The amount that waits in a data channel fell to its low threshold.
  case dataChannelBufferedAmountLow(DataChannelID)
  /// A data channel closed.
  case dataChannelClosed(DataChannelID)
}

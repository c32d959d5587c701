/// Why a call on a peer connection was refused. The connection is as it was before.
public enum PeerConnectionError: Error, Hashable, Sendable {
  /// The peer's text isn't a session description that can be used.
  case invalidDescription(SDPError)
  /// The description lacks sections that earlier ones had (RFC 9429 §5.2.2), or has none: the peer's error.
  case sectionsMissing
  /// The description has no fingerprint (RFC 8122) or ICE credentials: nothing could be trusted or reached.
  case transportMissing
  /// Offer and answer in an impossible order (RFC 9429 §3.2).
  case wrongState
  /// More sections than a session may have.
  case tooManySections
  /// The candidate can't be read; skip it.
  case invalidCandidate
  /// No transceiver or data channel with this identifier.
  case unknown
  /// The connection is closed.
  case closed
}

/// Why a text could not be read as a session description.
public enum SDPError: Error, Hashable, Sendable {
  /// The text is longer than `SessionDescription.maximumLength` bytes. Refuse the peer: no real description comes near.
  case tooLong
  /// The text doesn't begin with `v=0` (RFC 8866 §5.1), or has no origin: it is no session description.
  case notASessionDescription
  /// The line (counted from 1) is not `x=value`, or holds a byte that RFC 8866 §9 forbids.
  case malformedLine(line: Int)
  /// The line's value can't be read, and nothing sound could be negotiated without it. The peer's error: refuse the
  /// description and keep the session as it was (RFC 9429 §5.8).
  case malformedValue(line: Int)
  /// The line is one more than a limit in `SessionDescription` allows. Refuse the peer.
  case tooMany(line: Int)
}

/// Why a packet wasn't protected or unprotected, or a session not made.
public enum SRTPError: Error, Hashable, Sendable {
  /// Too short, or its header doesn't add up. Drop and count it.
  case malformed
  /// The authentication tag is wrong: damaged, forged, or of another key. Drop and count it.
  case authentication
  /// Received before, or too old to tell; when sending, a sequence number that was used before. Drop and count it.
  case replay
  /// The buffer has no room for the authentication tag. Send smaller packets.
  case tooLong
  /// More of our own SSRCs than a session holds. The caller's mistake.
  case tooManySources
  /// A key has protected as many packets as it may (RFC 3711 §9.2). Negotiate new keys.
  case keyExpired
  /// Keys of the wrong length, or the session is of the other direction. The caller's mistake.
  case invalidState
  /// libsrtp2 failed for another reason; the value is its status.
  case library(UInt32)
}

/// Why a DTLS association failed.
public enum DTLSError: Error, Hashable, Sendable {
  /// The peer's certificate has none of the fingerprints that signalling announced: somebody else answers, or
  /// signalling is wrong. Nothing was exchanged. Negotiate anew, and tell if it repeats.
  case fingerprintMismatch
  /// The handshake didn't end in the time allowed: the path loses too much or the peer is gone. Restart ICE.
  case handshakeTimeout
  /// The peer ended the association with this fatal alert (RFC 5246 §7.2). Negotiate anew.
  case alert(UInt8)
  /// The peer takes none of our SRTP profiles (RFC 5764 §4.1.2). Offer others or give up.
  case noCommonSRTPProfile
  /// The peer broke the protocol, or no version, suite or group is common; the value is OpenSSL's error code, for the
  /// log. Negotiate anew.
  case handshakeFailure(UInt)
  /// OpenSSL couldn't do something that depends on this machine alone (memory, randomness).
  case library
  /// There is no fingerprint to check the peer against, or the transport was started before. The caller's mistake.
  case invalidState
  /// Application data was sent before the handshake ended, or after the end. Wait for `connected`.
  case notConnected
  /// Application data that doesn't fit one datagram, or is empty. Send smaller pieces.
  case invalidLength(Int)
}

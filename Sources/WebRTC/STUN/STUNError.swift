/// Why bytes aren't a STUN message that can be acted on. All of them call for dropping the packet.
public enum STUNError: Error, Hashable, Sendable {
  /// The first bits or the magic cookie say that this is no STUN message: give it to another protocol.
  case notSTUN
  /// The packet ends early or late: the header's length doesn't fit the bytes, or isn't a multiple of four.
  case badLength
  /// An attribute reaches past the end of the message, or has a value that its type forbids.
  case badAttribute
  /// FINGERPRINT doesn't match: another protocol's packet, or a damaged one.
  case badFingerprint
}

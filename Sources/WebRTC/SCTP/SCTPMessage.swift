/// A message that came whole over an SCTP stream.
struct SCTPMessage {
  /// What a message is (IANA's SCTP payload protocol identifiers, RFC 8831 §8).
  struct ProtocolIdentifier: RawRepresentable, Hashable {
    let rawValue: UInt32

    /// Data Channel Establishment Protocol (RFC 8832).
    static let establishment = Self(rawValue: 50)
    /// Text in UTF-8.
    static let string = Self(rawValue: 51)
    /// Bytes.
    static let binary = Self(rawValue: 53)
    /// Text of length 0; SCTP can't carry that, so one byte is sent.
    static let emptyString = Self(rawValue: 56)
    /// No bytes; as above.
    static let emptyBinary = Self(rawValue: 57)
  }

  let stream: UInt16
  let protocolIdentifier: ProtocolIdentifier
  let bytes: [UInt8]
}

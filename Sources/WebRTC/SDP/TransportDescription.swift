/// What SDP says of one DTLS-over-ICE transport (RFC 8839 §5, RFC 8842 §5).
public struct TransportDescription: Hashable, Sendable {
  /// The ICE user fragment, 4 to 256 characters.
  public var iceUsernameFragment: String?
  /// The ICE password, 22 to 256 characters.
  public var icePassword: String?
  /// ICE options such as `trickle` and `renomination`.
  public var iceOptions: [String] = []
  /// Digests of the certificate that the peer will present, any one of which must match (RFC 8122 §5).
  public var fingerprints: [Fingerprint] = []
  /// Who opens the DTLS association.
  public var setup: Setup?

  /// A transport of which nothing is known.
  public init() {}

  /// This transport with what it leaves open taken from `session`, the session part of the description.
  public func inheriting(_ session: TransportDescription) -> TransportDescription {
    var resolved = self
    if iceUsernameFragment == nil && icePassword == nil {
      resolved.iceUsernameFragment = session.iceUsernameFragment
      resolved.icePassword = session.icePassword
    }
    if iceOptions.isEmpty { resolved.iceOptions = session.iceOptions }
    if fingerprints.isEmpty { resolved.fingerprints = session.fingerprints }
    resolved.setup = setup ?? session.setup
    return resolved
  }

  /// A certificate's digest (RFC 8122 §5).
  public struct Fingerprint: Hashable, Sendable {
    /// The hash function's name in lower case, such as `sha-256`.
    public var hashFunction: String
    /// The digest.
    public var digest: [UInt8]

    /// The digest of a certificate under `hashFunction`.
    public init(hashFunction: String = "sha-256", digest: [UInt8]) {
      self.hashFunction = hashFunction
      self.digest = digest
    }
  }

  /// The role in opening the DTLS association (RFC 4145 §4, RFC 8842 §5.2).
  public enum Setup: String, Hashable, Sendable {
    /// The DTLS client.
    case active
    /// The DTLS server.
    case passive
    /// Either, as the answerer chooses: every WebRTC offer.
    case eitherActiveOrPassive = "actpass"
    /// Not now: unused in WebRTC.
    case holdConnection = "holdconn"
  }
}

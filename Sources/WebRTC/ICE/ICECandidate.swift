/// A transport address on which an agent may be reached (RFC 8445 section 5.1, RFC 8839 section 5.1).
public struct ICECandidate: Hashable, Sendable {
  /// How the address was learned; the raw values are those of SDP.
  public enum Kind: String, Hashable, Sendable {
    /// The address of one of the agent's own sockets.
    case host
    /// The address that a STUN server saw.
    case serverReflexive = "srflx"
    /// The address that the peer saw.
    case peerReflexive = "prflx"
    /// An address on a TURN server.
    case relayed = "relay"

    /// The type preference of RFC 8445 section 5.1.2.2.
    public var preference: UInt32 {
      switch self {
      case .host: 126
      case .peerReflexive: 110
      case .serverReflexive: 100
      case .relayed: 0
      }
    }
  }

  /// Who opens the connection of a TCP candidate (RFC 6544 section 4.5).
  public enum TCPType: String, Hashable, Sendable {
    /// The candidate's owner opens it; the port has no meaning.
    case active
    /// The peer opens it.
    case passive
    /// Both open it at the same time.
    case simultaneousOpen = "so"
  }

  /// The host part of a candidate.
  public enum Host: Hashable, Sendable {
    /// A usable address.
    case address(IPAddress)
    /// A name to be resolved, such as the `.local` names of multicast DNS. Kept, but not checked.
    case name(String)
  }

  /// The same for candidates that are likely to work or fail alike: 1 to 32 ICE characters.
  public var foundation: String
  /// 1 for RTP; with `rtcp-mux` there is no other.
  public var component: Int
  /// UDP or TCP.
  public var transport: TransportProtocol
  /// The role in opening the connection; nil for UDP.
  public var tcpType: TCPType?
  /// 1 to 2³¹ − 1; the greater the better.
  public var priority: UInt32
  /// Where the candidate is.
  public var host: Host
  /// The port.
  public var port: UInt16
  /// How it was learned.
  public var kind: Kind
  /// The base of a reflexive candidate or the mapped address of a relayed one; for diagnosis only.
  public var relatedAddress: SocketAddress?
  /// The username fragment of the ICE session it belongs to; nil if not told.
  public var usernameFragment: String?
  /// The generation told by the peer in the customary `generation` extension.
  public var generation: Int?

  /// A candidate of known parts.
  public init(
    foundation: String, component: Int = 1, transport: TransportProtocol = .udp, tcpType: TCPType? = nil,
    priority: UInt32, host: Host, port: UInt16, kind: Kind, relatedAddress: SocketAddress? = nil,
    usernameFragment: String? = nil, generation: Int? = nil
  ) {
    self.foundation = foundation
    self.component = component
    self.transport = transport
    self.tcpType = tcpType
    self.priority = priority
    self.host = host
    self.port = port
    self.kind = kind
    self.relatedAddress = relatedAddress
    self.usernameFragment = usernameFragment
    self.generation = generation
  }

  /// The address and port, unless the host is a name.
  public var address: SocketAddress? {
    if case .address(let ip) = host { SocketAddress(ip: ip, port: port) } else { nil }
  }

  /// The recommended priority of RFC 8445 section 5.1.2.1.
  public static func priority(kind: Kind, localPreference: UInt16, component: Int = 1) -> UInt32 {
    kind.preference << 24 | UInt32(localPreference) << 8 | UInt32(256 - min(max(component, 1), 256))
  }
}

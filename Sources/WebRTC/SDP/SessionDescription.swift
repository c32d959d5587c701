/// A session description (RFC 8866) as WebRTC peers exchange it (RFC 9429).
///
/// Values that RFC 9429 §5.8 lets a peer write once for the whole session (fingerprint, setup, ICE credentials,
/// direction, header extensions, connection) are kept here as written and copied into each media section that has none
/// of its own, so that a reader only needs the section.
public struct SessionDescription: Hashable, Sendable {
  /// Most bytes a description may have. A room of several hundred tracks stays below; the signalling that carries it
  /// has the same limit.
  public static let maximumLength = 2 << 20
  /// Most media sections: sections are never removed from a session (RFC 9429 §5.2.2), so that a long meeting with
  /// many comings and goings collects some hundreds.
  public static let maximumMediaCount = 1_024
  /// Most lines of one media section, and of the session part.
  public static let maximumSectionLines = 2_048

  /// Who made the description, and which version it is (`o=`).
  public var origin: Origin
  /// The session's name (`s=`), `-` in WebRTC.
  public var name = "-"
  /// Start and stop (`t=`), `0 0` in WebRTC.
  public var timing = "0 0"
  /// The default connection (`c=`) of sections without their own.
  public var connection: Connection?
  /// Groups of media sections (RFC 5888 §5).
  public var groups: [Group] = []
  /// Whether one- and two-byte header extensions may be mixed in one stream (RFC 8285 §6).
  public var allowsMixedExtensions = false
  /// The value of `msid-semantic`, such as `WMS *`: obsolete, yet everybody still writes it.
  public var mediaStreamSemantic: String?
  /// Whether the peer is ICE-lite (RFC 8839 §5.3): it answers checks and makes none.
  public var isICELite = false
  /// What the session part says for all sections: certificate, role, ICE credentials and options.
  public var transport = TransportDescription()
  /// The direction of sections that don't name theirs.
  public var direction: MediaDirection?
  /// Header extensions declared for all sections.
  public var headerExtensions: [RTPHeaderExtensionParameters] = []
  /// Lines of the session part that have no property here, in their order, whole (`b=AS:500`, `a=tool:x`).
  public var otherLines: [String] = []
  /// The media sections in their order.
  public var media: [MediaDescription] = []

  /// A description without media sections.
  public init(origin: Origin) {
    self.origin = origin
  }

  /// Reads `text`, with lines ended by CRLF or LF. Attributes that are unknown, or known but unreadable and not needed
  /// for a sound session, are kept as they are.
  public init(parsing text: String) throws(SDPError) {
    var parser = SDPParser()
    self = try parser.parse(text)
  }

  /// The sections that share the transport of the first of them (RFC 9143): the identifications of the BUNDLE group.
  public var bundledMids: [String] {
    groups.first { $0.semantics == "BUNDLE" }?.mids ?? []
  }

  /// The index of the media section with this identification.
  public func mediaIndex(mid: String) -> Int? {
    media.firstIndex { $0.mid == mid }
  }

  /// The origin (RFC 8866 §5.2).
  public struct Origin: Hashable, Sendable {
    /// The user's login, `-` in WebRTC.
    public var username: String
    /// The session's number, unchanged from one description of a session to the next; decimal.
    public var sessionID: UInt64
    /// The description's version, one higher whenever it changes.
    public var sessionVersion: UInt64
    /// The originator's address, meaningless in WebRTC.
    public var connection: Connection

    /// An origin that tells nothing about the machine, as RFC 9429 §5.2.1 recommends.
    public init(
      sessionID: UInt64, sessionVersion: UInt64, username: String = "-", connection: Connection = .loopback
    ) {
      self.username = username
      self.sessionID = sessionID
      self.sessionVersion = sessionVersion
      self.connection = connection
    }
  }

  /// A network address as `o=` and `c=` write it.
  public struct Connection: Hashable, Sendable {
    /// `IP4` or `IP6`.
    public var addressType: String
    /// The address, or a name.
    public var address: String

    /// The address `address` of the family `addressType`.
    public init(addressType: String = "IP4", address: String) {
      self.addressType = addressType
      self.address = address
    }

    /// 127.0.0.1, the usual origin.
    public static let loopback = Connection(address: "127.0.0.1")
    /// 0.0.0.0, the connection of a section whose address comes from ICE (RFC 8839 §4.2).
    public static let unspecified = Connection(address: "0.0.0.0")
  }

  /// A group of media sections (RFC 5888 §5).
  public struct Group: Hashable, Sendable {
    /// What the group is for: `BUNDLE`, `LS`.
    public var semantics: String
    /// The identifications of its sections.
    public var mids: [String]

    /// The group of the sections `mids`.
    public init(semantics: String = "BUNDLE", mids: [String]) {
      self.semantics = semantics
      self.mids = mids
    }
  }
}

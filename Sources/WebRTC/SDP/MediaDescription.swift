/// One media section of a session description (RFC 8866 §5.14, RFC 9429 §5.2).
public struct MediaDescription: Hashable, Sendable {
  /// What the section carries.
  public enum Kind: Hashable, Sendable {
    /// Sound.
    case audio
    /// Pictures.
    case video
    /// Data channels (RFC 8841).
    case application
    /// Another kind, by its name, to be rejected.
    case other(String)
  }

  /// What the section carries.
  public var kind: Kind
  /// The port: 0 rejects the section (RFC 3264 §6), or in an offer that isn't the first marks it as bundle-only.
  /// 9 otherwise, since ICE finds the port.
  public var port: UInt16 = 9
  /// The transport: `UDP/TLS/RTP/SAVPF` for media, `UDP/DTLS/SCTP` for data.
  public var transportProtocol: String
  /// The connection (`c=`); nil where the description has none.
  public var connection: SessionDescription.Connection?
  /// Bandwidth limits (`b=`) in their order.
  public var bandwidths: [Bandwidth] = []
  /// The section's identification (RFC 5888 §4), which BUNDLE and the mid header extension refer to.
  public var mid: String?
  /// Which way media flows.
  public var direction = MediaDirection.sendReceive
  /// ICE credentials, certificate and DTLS role; what the session part said where the section is silent.
  public var transport = TransportDescription()
  /// Whether the section is meant for its bundle's transport alone (RFC 9143 §6).
  public var isBundleOnly = false

  /// The ICE candidates, each as its attribute `candidate:…` (RFC 8839 §5.1).
  public var candidates: [String] = []
  /// Whether no more candidates of this generation will come (RFC 8840 §8.1).
  public var hasEndOfCandidates = false

  /// Whether RTCP goes by the RTP port (RFC 5761 §5.1.1).
  public var multiplexesRTCP = false
  /// Whether RTCP of reduced size is understood (RFC 5506 §5).
  public var allowsReducedSizeRTCP = false
  /// Whether one- and two-byte header extensions may be mixed in one stream, for this section alone (RFC 8285 §6).
  public var allowsMixedExtensions = false
  /// The codecs in the order of preference, with those for retransmission and redundancy among them.
  public var codecs: [RTPCodecParameters] = []
  /// The numbered header extensions (RFC 8285 §5), those of the session part included.
  public var headerExtensions: [RTPHeaderExtensionParameters] = []
  /// The streams and tracks that this section sends (RFC 8830 §2).
  public var mediaStreams: [MediaStreamIdentification] = []
  /// The synchronisation sources announced (RFC 5576 §4.1).
  public var sources: [SourceAttributes] = []
  /// How sources belong together (RFC 5576 §4.2).
  public var sourceGroups: [SourceGroup] = []
  /// The restrictions of RTP streams by their rid (RFC 8851 §4).
  public var restrictions: [RTPStreamRestriction] = []
  /// Which streams are simulcast (RFC 8853 §5.1).
  public var simulcast: SimulcastDescription?

  /// The SCTP port (RFC 8841 §5).
  public var sctpPort: UInt16?
  /// The largest message taken on a data channel, bytes (RFC 8841 §6); 0 for any. 65,536 when nil.
  public var maximumMessageSize: UInt64?
  /// The association as it was announced before RFC 8841 (draft-ietf-mmusic-sctp-sdp-05).
  public var sctpMap: SCTPMap?
  /// The `m=` line's formats of a section that carries no RTP: `webrtc-datachannel`.
  public var otherFormats: [String] = []

  /// Lines of the section that have no property here, in their order, whole (`a=rtcp:9 IN IP4 0.0.0.0`).
  public var otherLines: [String] = []

  /// A section for RTP.
  public init(kind: Kind, codecs: [RTPCodecParameters]) {
    self.kind = kind
    self.codecs = codecs
    transportProtocol = "UDP/TLS/RTP/SAVPF"
  }

  /// A section for data channels (RFC 8841 §4).
  public init(sctpPort: UInt16, maximumMessageSize: UInt64) {
    kind = .application
    transportProtocol = "UDP/DTLS/SCTP"
    otherFormats = ["webrtc-datachannel"]
    self.sctpPort = sctpPort
    self.maximumMessageSize = maximumMessageSize
  }

  init(kind: Kind, port: UInt16, transportProtocol: String) {
    self.kind = kind
    self.port = port
    self.transportProtocol = transportProtocol
  }

  /// Whether the section is refused or stopped: its port is 0 and no bundle carries it.
  public var isRejected: Bool { port == 0 && !isBundleOnly }

  /// Whether the section's transport is RTP, so that its formats are payload types.
  public var carriesRTP: Bool {
    transportProtocol.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("RTP".utf8) }
  }

  /// The SCTP port under either way of announcing it.
  public var effectiveSCTPPort: UInt16? { sctpPort ?? sctpMap?.port }

  /// A bandwidth limit (RFC 8866 §5.8).
  public struct Bandwidth: Hashable, Sendable {
    /// `AS` (kb/s with headers), `TIAS` (b/s without) and others.
    public var type: String
    /// The limit in the type's unit.
    public var value: UInt64

    /// A limit of `value` in the unit of `type`.
    public init(type: String, value: UInt64) {
      self.type = type
      self.value = value
    }
  }

  /// The stream and the track that a section sends (RFC 8830 §2).
  public struct MediaStreamIdentification: Hashable, Sendable {
    /// The media stream, `-` for none. Tracks of one stream play in lip-sync.
    public var stream: String
    /// The track.
    public var track: String?

    /// The track `track` of the stream `stream`.
    public init(stream: String, track: String?) {
      self.stream = stream
      self.track = track
    }
  }

  /// An SCTP association as old peers announce it.
  public struct SCTPMap: Hashable, Sendable {
    /// The SCTP port.
    public var port: UInt16
    /// `webrtc-datachannel`.
    public var application: String
    /// Streams each way.
    public var streamCount: UInt16?
  }
}

/// The header extensions that Salle reads and writes, named by the URI under which SDP maps them (RFC 8285 section 5).
public enum RTPHeaderExtensionKind: UInt8, CaseIterable, Hashable, Sendable {
  /// Identification of the media description (RFC 9143 section 15).
  case mid
  /// RTP stream identifier of a simulcast layer (RFC 8852 section 3.1).
  case rid
  /// The stream identifier that an RTX stream repairs (RFC 8852 section 3.2).
  case repairedRid
  /// Client-to-mixer audio level (RFC 6464).
  case audioLevel
  /// Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2).
  case transportSequenceNumber
  /// Absolute send time, 24 bits of 6.18 fixed-point seconds.
  case absoluteSendTime
  /// Absolute capture time, NTP, with the estimated clock offset where an intermediary adds one.
  case absoluteCaptureTime
  /// The playout delay that the sender wishes.
  case playoutDelay
  /// The dependency descriptor of the AV1 RTP specification, which also serves VP8 and VP9.
  case dependencyDescriptor

  /// The URI in SDP's `a=extmap`.
  public var uri: String {
    switch self {
    case .mid: "urn:ietf:params:rtp-hdrext:sdes:mid"
    case .rid: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    case .repairedRid: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
    case .audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    case .transportSequenceNumber: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    case .absoluteSendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    case .absoluteCaptureTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
    case .playoutDelay: "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
    case .dependencyDescriptor:
      "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
    }
  }

  /// The kind that SDP names `uri`; nil for one that Salle doesn't know.
  public init?(uri: String) {
    guard let kind = Self.allCases.first(where: { $0.uri == uri }) else { return nil }
    self = kind
  }
}

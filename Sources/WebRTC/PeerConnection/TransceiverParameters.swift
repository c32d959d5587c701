/// A codec that a transceiver may use.
public enum MediaCodec: Hashable, Sendable {
  /// Opus at 48 kHz (RFC 7587), with in-band FEC.
  case opus
  /// Redundant Opus (RFC 2198).
  case red
  /// A video codec.
  case video(VideoCodec)
}

/// One encoding of a sent track (W3C `RTCRtpEncodingParameters`).
public struct EncodingParameters: Hashable, Sendable {
  /// RTP stream identifier (RFC 8851); nil for a track with a single encoding.
  public var rid: String?

  /// An encoding, with a `rid` when there are several.
  public init(rid: String? = nil) {
    self.rid = rid
  }
}

/// How a transceiver begins (W3C `RTCRtpTransceiverInit`).
public struct TransceiverParameters: Sendable {
  /// Which way media shall flow.
  public var direction: MediaDirection
  /// Identifier of the MediaStream, the first token of `a=msid`; at most 64 letters and digits.
  public var streamID: String
  /// Identifier of the track, the second token of `a=msid`. LiveKit: the `cid` of the AddTrackRequest.
  public var trackID: String
  /// The codecs to offer or accept, the preferred one first.
  public var codecs: [MediaCodec]
  /// The encodings that are sent, lowest quality first; several only with `rid`s (simulcast, RFC 8853).
  public var encodings: [EncodingParameters]

  /// Parameters of a transceiver.
  public init(
    direction: MediaDirection, streamID: String = "", trackID: String = "", codecs: [MediaCodec],
    encodings: [EncodingParameters] = [EncodingParameters()]
  ) {
    self.direction = direction
    self.streamID = streamID
    self.trackID = trackID
    self.codecs = codecs
    self.encodings = encodings
  }
}

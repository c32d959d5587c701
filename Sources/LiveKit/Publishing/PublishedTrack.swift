import LiveKitMessages
import WebRTC

/// One quality of a published video track, or a published audio track as a whole.
public struct PublishedLayer: Hashable, Sendable {
  /// RTP stream identifier of a simulcast encoding (RFC 8851); nil when the encoding is the only one, as with SVC.
  public let rid: String?
  /// Index of the spatial layer; 0 but for SVC.
  public let spatialLayer: Int
  /// Width in pixels; 0 for sound.
  public let width: Int
  /// Height in pixels; 0 for sound.
  public let height: Int
  /// Most bits a second. With SVC those of this layer alone.
  public let bitrate: Int
  /// Pictures a second; 0 for sound.
  public let framesPerSecond: Int
  /// Whether anybody receives it: what isn't active needn't be encoded. A layer that becomes active again must begin
  /// with a key frame at once.
  public internal(set) var isActive = true

  let quality: LKVideoQuality
}

/// One m-line of a published track: the track in one codec.
public struct PublishedVariant: Hashable, Sendable {
  /// The identifier that its m-line carries: the track's cid for the first variant.
  public let cid: String
  /// The codec, preferred over others; nil for sound.
  public let codec: VideoCodec?
  /// Its layers, lowest quality first. Simulcast: one encoding each; SVC: all in the one encoding.
  public internal(set) var layers: [PublishedLayer]

  /// Whether the layers are spatial layers of one encoding.
  public var isScalable: Bool { layers.count > 1 && layers[0].rid == nil }
}

/// A track of ours, as it is published.
public struct PublishedTrack: Hashable, Sendable {
  /// Our identifier of it.
  public let cid: String
  /// The server's identifier of it.
  public internal(set) var sid: String
  /// Where its media comes from.
  public let source: TrackSource
  /// Sound or pictures.
  public let kind: MediaKind
  /// Whether nothing is to be sent.
  public internal(set) var isMuted: Bool
  /// The first is the track in its own codec; another follows when a subscriber needed the backup codec.
  public internal(set) var variants: [PublishedVariant]
}

/// What a peer connection needs to know to send a variant: one sending transceiver.
public struct SendingTransceiver: Hashable, Sendable {
  /// The track token of `a=msid`.
  public let cid: String
  /// The stream token of `a=msid`.
  public let streamID: String
  /// Sound or pictures.
  public let kind: MediaKind
  /// The codecs to offer, the preferred one first.
  public let codecs: [MediaCodec]
  /// The simulcast encodings' RTP stream identifiers, lowest quality first; empty for a single encoding.
  public let rids: [String]
}

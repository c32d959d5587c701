import WebRTC

/// A track of ours, as we want to publish it.
public struct LocalTrack: Hashable, Sendable {
  /// Sound or pictures, and how.
  public enum Media: Hashable, Sendable {
    /// Sound.
    case audio(LocalAudio)
    /// Pictures.
    case video(LocalVideo)
  }

  /// Our identifier of the track, new for each publication: letters and digits. It's the track token of the m-line's
  /// `a=msid` too, which is how the server knows which m-line it is.
  public let cid: String
  /// Where the media comes from.
  public let source: TrackSource
  /// A name for people; may be empty.
  public let name: String
  /// Whether it begins muted.
  public let isMuted: Bool
  /// What is published.
  public let media: Media

  /// A track to publish.
  public init(cid: String, source: TrackSource, name: String = "", isMuted: Bool = false, media: Media) {
    self.cid = cid
    self.source = source
    self.name = name
    self.isMuted = isMuted
    self.media = media
  }

  /// Sound or pictures.
  public var kind: MediaKind {
    switch media {
    case .audio: .audio
    case .video: .video
    }
  }
}

/// How sound is published: Opus at 48 kHz, payload type 111.
public struct LocalAudio: Hashable, Sendable {
  /// What has been done to the sound already; told to the server for its statistics.
  public enum Processing: Hashable, Sendable {
    /// The loudspeaker's sound has been taken out.
    case echoCancellation
    /// Noise has been taken out.
    case noiseSuppression
    /// The level has been evened out.
    case automaticGainControl
  }

  /// Whether both channels differ.
  public var isStereo: Bool
  /// Whether silence isn't sent (discontinuous transmission). Off for stereo.
  public var usesDiscontinuousTransmission: Bool
  /// Whether each packet repeats the ones before it (RED, RFC 2198).
  public var usesRedundancy: Bool
  /// What has been done to it.
  public var processing: [Processing]

  /// Sound to publish; by default a room's microphone.
  public init(
    isStereo: Bool = false, usesDiscontinuousTransmission: Bool = true, usesRedundancy: Bool = true,
    processing: [Processing] = [.echoCancellation, .noiseSuppression, .automaticGainControl]
  ) {
    self.isStereo = isStereo
    self.usesDiscontinuousTransmission = usesDiscontinuousTransmission
    self.usesRedundancy = usesRedundancy
    self.processing = processing
  }
}

/// How pictures are published.
public struct LocalVideo: Hashable, Sendable {
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// Pictures a second.
  public var framesPerSecond: Int
  /// The codec: VP8 in several encodings (simulcast), or VP9 in one with spatial layers (SVC). When the server doesn't
  /// take VP9, VP8 is published instead.
  public var codec: VideoCodec
  /// What to publish besides once a subscriber can't decode `codec`; nil for nothing. Only meaningful with VP9.
  public var backupCodec: VideoCodec?
  /// Whether several qualities are sent, so that each receiver gets the one that it shows.
  public var isLayered: Bool

  /// Pictures to publish; by default 720p30.
  public init(
    width: Int = 1_280, height: Int = 720, framesPerSecond: Int = 30, codec: VideoCodec = .vp8,
    backupCodec: VideoCodec? = .vp8, isLayered: Bool = true
  ) {
    self.width = width
    self.height = height
    self.framesPerSecond = framesPerSecond
    self.codec = codec
    self.backupCodec = backupCodec
    self.isLayered = isLayered
  }
}

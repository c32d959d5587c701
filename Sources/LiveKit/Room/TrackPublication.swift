import LiveKitMessages
import WebRTC

/// A track that a participant publishes, as the server describes it.
public struct TrackPublication: Hashable, Sendable {
  /// The server's identifier of the track; opaque. Another one after the publisher reconnects.
  public let sid: String
  /// Sound or pictures.
  public var kind: MediaKind
  /// Where its media comes from.
  public var source: TrackSource
  /// The publisher's name for it.
  public var name: String
  /// The name that groups it with others of the same publisher ("camera", "screen"); may be empty.
  public var stream: String
  /// Whether the publisher muted it.
  public var isMuted: Bool
  /// Width of the published picture in pixels; 0 when unknown or for sound.
  public var width: Int
  /// Height of the published picture in pixels; 0 when unknown or for sound.
  public var height: Int
  /// For example "video/VP9"; empty until the publisher has negotiated.
  public var mimeType: String
  /// Whether it comes in several encodings to choose from.
  public var isSimulcast: Bool
  /// Whether it's end-to-end encrypted, so that it can't be decoded here.
  public var isEncrypted: Bool
  /// Whether it's being received. Always false for our own tracks.
  public var isSubscribed = false
  /// Whether the server holds it back for lack of bandwidth; it resumes by itself.
  public var isPaused = false
  /// Whether its publisher lets us subscribe to it.
  public var isAllowed = true
  /// Why it can't be received, when the server said so.
  public var failure: SubscriptionFailure?

  init?(_ message: LKTrackInfo) {
    switch message.type {
    case .audio: kind = .audio
    case .video: kind = .video
    case .data, .UNRECOGNIZED: return nil
    }
    guard !message.sid.isEmpty else { return nil }
    sid = message.sid
    source = TrackSource(message.source)
    name = message.name
    stream = message.stream
    isMuted = message.muted
    width = Int(clamping: message.width)
    height = Int(clamping: message.height)
    mimeType = message.mimeType
    isSimulcast = message.simulcast
    isEncrypted = message.encryption != .none
  }

  /// Takes over what only the receiving side knows from `earlier`, the same track's previous description.
  mutating func keepReceiverState(of earlier: TrackPublication) {
    isSubscribed = earlier.isSubscribed
    isPaused = earlier.isPaused
    isAllowed = earlier.isAllowed
    failure = earlier.failure
  }
}

/// Why the server can't give us a track.
public enum SubscriptionFailure: Hashable, Sendable {
  /// Not said.
  case unknown
  /// None of its codecs is one that we accept.
  case codecUnsupported
  /// It no longer exists.
  case trackNotFound

  init(_ message: LKSubscriptionError) {
    self =
      switch message {
      case .seCodecUnsupported: .codecUnsupported
      case .seTrackNotfound: .trackNotFound
      case .seUnknown, .UNRECOGNIZED: .unknown
      }
  }
}

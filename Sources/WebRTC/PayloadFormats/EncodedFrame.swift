import Realtime

/// A video codec that Salle sends and receives.
public enum VideoCodec: Hashable, Sendable {
  /// VP8 (RFC 6386), carried as RFC 7741 says.
  case vp8
  /// VP9 profile 0, carried as RFC 9628 says.
  case vp9
}

/// One received picture, encoded, complete and decodable in its turn; with VP9 SVC all its spatial layers one after
/// another, several of them with a superframe index (VP9 bitstream specification, annex B).
///
/// Not thread-safe; it travels between threads in a `RecyclingRing`, owned by one side at a time.
public final class EncodedFrame: FrameBuffer {
  /// The codec, which may change from one frame of a track to the next.
  public var codec = VideoCodec.vp8
  /// RTP timestamp, 90 kHz.
  public var timestamp: UInt32 = 0
  /// Whether decoding may start here.
  public var isKeyFrame = false
  /// When the first of its packets arrived.
  public var receivedAt = Instant(nanoseconds: 0)
  /// When the frame was complete.
  public var completedAt = Instant(nanoseconds: 0)
}

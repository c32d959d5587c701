/// The VP8 payload header (RFC 7741, section 4.3): the uncompressed head of a frame (RFC 6386, section 9.1).
public struct VP8PayloadHeader: Hashable, Sendable {
  /// Whether decoding may start here.
  public let isKeyFrame: Bool
  /// Width of a key frame in pixels, without scaling; 0 for other frames.
  public let width: Int
  /// Height of a key frame in pixels, without scaling; 0 for other frames.
  public let height: Int

  /// Reads the start of a frame. A key frame's size is read only when its ten bytes are there.
  /// - Throws: `truncated` when there is no byte, `malformed` when a key frame's start code is wrong.
  public init(parsing frame: UnsafeRawBufferPointer) throws(PayloadFormatError) {
    guard let first = frame.first else { throw .truncated }
    isKeyFrame = first & 0x01 == 0
    guard isKeyFrame, frame.count >= 10 else {
      width = 0
      height = 0
      return
    }
    guard frame[3] == 0x9D, frame[4] == 0x01, frame[5] == 0x2A else { throw .malformed }
    width = Int(frame[6]) | Int(frame[7] & 0x3F) << 8
    height = Int(frame[8]) | Int(frame[9] & 0x3F) << 8
  }
}

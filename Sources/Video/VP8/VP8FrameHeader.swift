/// The uncompressed start of a VP8 frame (RFC 6386 §9.1): what must be known before the codec sees it.
struct VP8FrameHeader: Equatable {
  var isKeyFrame: Bool
  /// Only in key frames; 0 otherwise.
  var width = 0
  /// Only in key frames; 0 otherwise.
  var height = 0

  /// Reads the header; nil when it is cut short or not VP8.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 3 else { return nil }
    isKeyFrame = bytes[0] & 1 == 0
    guard isKeyFrame else { return }
    guard bytes.count >= 10, bytes[3] == 0x9D, bytes[4] == 0x01, bytes[5] == 0x2A else { return nil }
    width = Int(bytes[6]) | Int(bytes[7] & 0x3F) << 8
    height = Int(bytes[8]) | Int(bytes[9] & 0x3F) << 8
    guard width > 0, height > 0 else { return nil }
  }
}

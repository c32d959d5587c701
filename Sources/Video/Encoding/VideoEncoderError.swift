/// Why a picture could not be encoded.
public enum VideoEncoderError: Error, Hashable, Sendable {
  /// The codec refuses the configuration, such as a size it cannot code. Choose another one.
  case invalidConfiguration
  /// No memory for the codec. Encode smaller pictures or fewer layers.
  case outOfMemory
  /// The codec failed on this picture; the number is libvpx's. The encoder has started afresh: the next picture will be
  /// a key frame.
  case codec(UInt32)
}

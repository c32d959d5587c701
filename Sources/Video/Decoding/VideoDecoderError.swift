/// Why a picture could not be decoded. After any of these, pictures that are not key frames are refused as
/// `keyFrameNeeded`: ask the sender for a key frame (PLI).
public enum VideoDecoderError: Error, Hashable, Sendable {
  /// The decoder has lost its references, or has none yet. Ask for a key frame.
  case keyFrameNeeded
  /// The bitstream breaks the codec's rules. Ask for a key frame.
  case corrupt
  /// The picture is larger than `VideoDecoder.maximumWidth` × `maximumHeight`, or not 8-bit 4:2:0. Nothing was
  /// allocated. Ask the sender for something else.
  case unsupported
  /// No memory for the codec. Decode fewer or smaller pictures.
  case outOfMemory
}

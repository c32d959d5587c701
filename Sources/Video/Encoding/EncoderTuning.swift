/// What the pictures show; encoders spend their bits accordingly.
public enum VideoContent: Hashable, Sendable {
  /// A camera: keep motion smooth, drop detail.
  case camera
  /// A screen: keep detail, drop pictures.
  case screen
}

/// Choices that several encoders share. They follow what libwebrtc does, which is what all receivers are tuned to.
enum EncoderTuning {
  /// Ticks per second of the time base of all encoders: RTP's video clock.
  static let clockRate: Int64 = 90_000

  /// The largest size of a key frame, in percent of the mean frame size: half of the optimal buffer, so that a key
  /// frame never takes more than about 300 ms to send, but never less than three frames' worth.
  static func maximumIntraBitratePercentage(optimalBufferMilliseconds: Double, framesPerSecond: Double) -> Int32 {
    Int32(max(optimalBufferMilliseconds * 0.5 * framesPerSecond / 10, 300))
  }

  /// How many threads one encoder uses on a picture of `pixels`, when `available` may be used in all.
  static func threads(pixels: Int, available: Int) -> UInt32 {
    if pixels >= 1_920 * 1_080 && available >= 8 { return 8 }
    if pixels >= 1_280 * 960 && available >= 6 { return 3 }
    return pixels > 640 * 480 && available >= 3 ? 2 : 1
  }
}

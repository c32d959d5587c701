/// What has happened to a camera's pictures.
public struct CameraStatistics: Hashable, Sendable {
  /// One quality: a simulcast layer of VP8, or a spatial layer of VP9.
  public struct Layer: Hashable, Sendable {
    /// Pictures encoded.
    public var frames = 0
    /// Key frames among them.
    public var keyFrames = 0
    /// Bytes of them.
    public var bytes = 0
  }

  /// Pictures that the camera gave.
  public var captured = 0
  /// Pictures that were encoded in at least one layer of a variant.
  public var encoded = 0
  /// Pictures not encoded because earlier ones weren't sent yet.
  public var blocked = 0
  /// Pictures at which a codec failed.
  public var failed = 0
  /// The lowest quality, all variants together.
  public var low = Layer()
  /// The middle quality; with two layers, the upper.
  public var middle = Layer()
  /// The highest of three qualities.
  public var high = Layer()

  mutating func note(layer: Int, byteCount: Int, isKeyFrame: Bool) {
    switch layer {
    case 0: low.note(byteCount, isKeyFrame)
    case 1: middle.note(byteCount, isKeyFrame)
    default: high.note(byteCount, isKeyFrame)
    }
  }
}

extension CameraStatistics.Layer {
  fileprivate mutating func note(_ byteCount: Int, _ isKeyFrame: Bool) {
    frames += 1
    bytes += byteCount
    if isKeyFrame { keyFrames += 1 }
  }
}

/// What `room_watcher.py`, LiveKit's Python client, says of a room's camera and microphone.
public struct WatchedRoom: Decodable, Sendable {
  /// A picture that it kept.
  public struct Picture: Decodable, Sendable {
    /// The file with its luma, a byte per pixel, row by row.
    public var path: String
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int
  }

  /// Pictures that it kept, in their order.
  public var pictures: [Picture]
  /// Pictures per second.
  public var rate: Double
  /// The longest time without a picture, in milliseconds.
  public var longestPictureGap: Double
  /// The longest silence, in milliseconds.
  public var longestSoundGap: Double
  /// Seconds of sound.
  public var soundDuration: Double
  /// The tone's frequency in Hz.
  public var toneFrequency: Double
  /// Power of what isn't the tone against the tone's, in the worst window, in dB.
  public var residual: Double

  private enum CodingKeys: String, CodingKey {
    case pictures
    case rate
    case longestPictureGap = "longest_picture_gap_ms"
    case longestSoundGap = "longest_sound_gap_ms"
    case soundDuration = "sound_seconds"
    case toneFrequency = "tone_hz"
    case residual = "residual_db"
  }
}

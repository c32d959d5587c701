/// What the first bytes of an Opus packet tell (RFC 6716, section 3.1). RFC 7587 makes the RTP payload exactly one Opus
/// packet, so there is nothing else to unpack.
public struct OpusPayload: Hashable, Sendable {
  /// Which of Opus's coders made the packet.
  public enum Mode: Hashable, Sendable {
    /// Linear prediction, for speech.
    case silk
    /// Linear prediction below 8 kHz and transform coding above.
    case hybrid
    /// Transform coding.
    case celt
  }

  /// Which coder made the packet.
  public let mode: Mode
  /// The highest audio frequency the packet holds, in Hz: 4000, 6000, 8000, 12000 or 20000.
  public let bandwidth: Int
  /// Whether the packet holds two channels.
  public let isStereo: Bool
  /// Frames in the packet, 1 to 48.
  public let frameCount: Int
  /// Duration of one frame in samples at 48 kHz: 120, 240, 480, 960, 1920 or 2880.
  public let samplesPerFrame: Int
  /// Whether the packet holds no coded sound (at most a byte after the table of contents): what a sender in
  /// discontinuous transmission sends while it is quiet.
  public let isDiscontinuousTransmission: Bool

  /// Duration of the packet in samples at 48 kHz, at most 5760 (120 ms).
  public var sampleCount: Int { frameCount * samplesPerFrame }

  /// Reads the table of contents of `payload`.
  /// - Throws: `truncated` for an empty payload or a missing frame count, `malformed` for no frames or above 120 ms.
  public init(parsing payload: UnsafeRawBufferPointer) throws(PayloadFormatError) {
    var reader = PayloadReader(payload)
    let contents = try reader.byte()
    let configuration = Int(contents >> 3)
    switch configuration {
    case 0..<12:
      mode = .silk
      bandwidth = 4_000 + 2_000 * (configuration / 4)
      samplesPerFrame = configuration % 4 == 3 ? 2_880 : 480 << (configuration % 4)
    case 12..<16:
      mode = .hybrid
      bandwidth = configuration < 14 ? 12_000 : 20_000
      samplesPerFrame = configuration % 2 == 0 ? 480 : 960
    default:
      mode = .celt
      switch configuration / 4 {
      case 4: bandwidth = 4_000
      case 5: bandwidth = 8_000
      case 6: bandwidth = 12_000
      default: bandwidth = 20_000
      }
      samplesPerFrame = 120 << (configuration % 4)
    }
    isStereo = contents & 0x04 != 0
    switch contents & 0x03 {
    case 0: frameCount = 1
    case 1, 2: frameCount = 2
    default: frameCount = Int(try reader.byte() & 0x3F)
    }
    guard frameCount > 0, frameCount * samplesPerFrame <= 5_760 else { throw .malformed }
    isDiscontinuousTransmission = payload.count <= 2
  }
}

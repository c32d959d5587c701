import COpus

/// What an Opus packet says of itself without being decoded (RFC 6716 section 3). Any bytes may be given.
public enum OpusPacket {
  /// The longest packet, 120 ms, in samples at 48 kHz.
  public static let maximumSampleCount = 5_760

  /// Duration in samples per channel at 48 kHz; nil for a packet that breaks the format.
  public static func sampleCount(_ payload: UnsafeRawBufferPointer) -> Int? {
    guard let bytes = payload.baseAddress, payload.count > 0 else { return nil }
    let count = opus_packet_get_nb_samples(
      bytes.assumingMemoryBound(to: UInt8.self), Int32(clamping: payload.count), 48_000)
    return count > 0 && count <= maximumSampleCount ? Int(count) : nil
  }

  /// Whether it is coded with two channels.
  public static func isStereo(_ payload: UnsafeRawBufferPointer) -> Bool {
    payload.count > 0 && payload[0] & 0x04 != 0
  }

  /// Whether it stands for a silence that the sender does not code (discontinuous transmission): no more than the
  /// configuration byte and an empty frame.
  public static func isDiscontinuous(_ payload: UnsafeRawBufferPointer) -> Bool {
    payload.count > 0 && payload.count <= 2
  }

  /// Whether it carries a low-bit-rate copy of the frame before (in-band forward error correction, RFC 6716 section
  /// 4.2.4), and so can stand in for the lost packet before it.
  public static func hasForwardErrorCorrection(_ payload: UnsafeRawBufferPointer) -> Bool {
    speechFlags(payload)?.redundancy ?? false
  }

  /// The encoder's own voice-activity decision for the first frame; nil for packets in the mode without one (CELT).
  public static func voiceActivity(_ payload: UnsafeRawBufferPointer) -> Bool? {
    speechFlags(payload)?.activity
  }

  /// The flags at the head of the first frame's speech layer (RFC 6716 section 4.2.3), of the first channel. They are
  /// coded with even odds, so they are the frame's first bits.
  private static func speechFlags(_ payload: UnsafeRawBufferPointer) -> (activity: Bool, redundancy: Bool)? {
    guard payload.count > 2, let bytes = payload.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
    let configuration = payload[0] >> 3
    guard configuration < 16 else { return nil }
    // 10, 20, 40, 60 ms in the speech mode; 10, 20 ms in the hybrid one.
    let framesInside = configuration < 12 ? max(1, configuration & 3) : 1
    var frameOffset: Int32 = 0
    // The parser writes up to 48 frame sizes.
    let firstSize = withUnsafeTemporaryAllocation(of: Int16.self, capacity: 48) { sizes -> Int16 in
      guard let start = sizes.baseAddress else { return 0 }
      let count = opus_packet_parse(
        bytes, Int32(clamping: payload.count), nil, nil, start, &frameOffset)
      return count > 0 ? sizes[0] : 0
    }
    guard firstSize > 0, frameOffset > 0, Int(frameOffset) < payload.count else { return nil }
    let head = payload[Int(frameOffset)]
    let activity = head >> (8 - framesInside) != 0
    let redundancy = head >> (7 - framesInside) & 1 != 0
    return (activity, redundancy)
  }
}

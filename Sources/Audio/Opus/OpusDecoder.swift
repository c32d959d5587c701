import COpus

/// Decodes Opus packets of any mode, channel count and duration to 48 kHz Float (RFC 6716). Allocates nothing per packet.
///
/// Any bytes may be given as payload. Stereo packets are mixed down by a mono decoder. Not safe for use from two threads
/// at once.
public final class OpusDecoder {
  /// Channels of the sound given out: 1 or 2, interleaved.
  public let channelCount: Int
  private let decoder: OpaquePointer

  /// A decoder to `channelCount` (1 or 2) channels.
  public init(channelCount: Int = 1) throws(OpusError) {
    guard channelCount == 1 || channelCount == 2 else { throw .invalidBuffer }
    var status: Int32 = 0
    guard let decoder = opus_decoder_create(48_000, Int32(channelCount), &status), status == OPUS_OK else {
      throw .unavailable
    }
    self.decoder = decoder
    self.channelCount = channelCount
  }

  deinit { opus_decoder_destroy(decoder) }

  /// Decodes a packet.
  /// - Parameter output: room for the packet's samples, interleaved; `OpusPacket.maximumSampleCount` per channel always
  ///   suffice.
  /// - Returns: samples written per channel.
  public func decode(
    _ payload: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>
  ) throws(OpusError) -> Int {
    guard payload.count > 0, let bytes = payload.baseAddress else { throw .invalidPacket }
    return try run(
      bytes.assumingMemoryBound(to: UInt8.self), payload.count, output, output.count / channelCount, isRecovery: false)
  }

  /// Fills the place of a lost packet from the copy that the packet after it, `payload`, carries
  /// (`OpusPacket.hasForwardErrorCorrection`). Decode `payload` itself next.
  /// - Parameter sampleCount: the lost packet's duration per channel; a multiple of 120 (2.5 ms).
  public func recover(
    sampleCount: Int, from payload: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>
  ) throws(OpusError) -> Int {
    guard payload.count > 0, let bytes = payload.baseAddress else { throw .invalidPacket }
    guard isFrameLength(sampleCount, output) else { throw .invalidBuffer }
    return try run(bytes.assumingMemoryBound(to: UInt8.self), payload.count, output, sampleCount, isRecovery: true)
  }

  /// Continues the sound where a packet is missing (packet loss concealment), or the background noise after a packet of
  /// discontinuous transmission.
  /// - Parameter sampleCount: how much per channel; a multiple of 120 (2.5 ms), at most 5,760.
  public func conceal(
    sampleCount: Int, into output: UnsafeMutableBufferPointer<Float>
  ) throws(OpusError) -> Int {
    guard isFrameLength(sampleCount, output) else { throw .invalidBuffer }
    return try run(nil, 0, output, sampleCount, isRecovery: false)
  }

  /// Forgets the past: the next packet is decoded as the first.
  public func reset() {
    _ = copus_decoder_reset(decoder)
  }

  private func isFrameLength(_ sampleCount: Int, _ output: UnsafeMutableBufferPointer<Float>) -> Bool {
    sampleCount > 0 && sampleCount % 120 == 0 && sampleCount <= OpusPacket.maximumSampleCount
      && output.count >= sampleCount * channelCount
  }

  private func run(
    _ bytes: UnsafePointer<UInt8>?, _ byteCount: Int, _ output: UnsafeMutableBufferPointer<Float>, _ sampleCount: Int,
    isRecovery: Bool
  ) throws(OpusError) -> Int {
    guard let start = output.baseAddress else { throw .invalidBuffer }
    let decoded = opus_decode_float(
      decoder, bytes, Int32(clamping: byteCount), start, Int32(clamping: sampleCount), isRecovery ? 1 : 0)
    if decoded >= 0 { return Int(decoded) }
    switch decoded {
    case OPUS_INVALID_PACKET: throw .invalidPacket
    case OPUS_BUFFER_TOO_SMALL, OPUS_BAD_ARG: throw .invalidBuffer
    default: throw .codec(decoded)
    }
  }
}

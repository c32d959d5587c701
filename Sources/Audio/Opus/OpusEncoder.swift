import COpus

/// Encodes mono speech at 48 kHz in packets of 20 ms (RFC 6716, RFC 7587). Allocates nothing per packet.
///
/// Not safe for use from two threads at once.
public final class OpusEncoder {
  /// Samples in a packet.
  public static let sampleCount = 960
  /// Bytes that hold any packet of one frame (RFC 6716 section 3.4).
  public static let maximumByteCount = 1_276

  /// One encoded packet's description.
  public struct Packet: Equatable, Sendable {
    /// Bytes written.
    public var byteCount: Int
    /// Whether the packet needs sending: false inside a silence that discontinuous transmission leaves out. The RTP
    /// timestamp advances all the same.
    public var needsSending: Bool
    /// Whether someone speaks, for the `V` bit of RFC 6464.
    public var voiceActivity: Bool
    /// The level field of RFC 6464, in -dBov: 0 loudest, 127 silence.
    public var audioLevel: UInt8
  }

  private let encoder: OpaquePointer
  private var isInSilence = false

  /// An encoder for speech with in-band forward error correction and discontinuous transmission.
  /// - Parameters:
  ///   - bitrate: in bit/s, 6,000 to 128,000.
  ///   - complexity: 0 (cheapest) to 10.
  public init(bitrate: Int = 40_000, complexity: Int = 9) throws(OpusError) {
    var status: Int32 = 0
    guard let encoder = opus_encoder_create(48_000, 1, OPUS_APPLICATION_VOIP, &status), status == OPUS_OK else {
      throw .unavailable
    }
    self.encoder = encoder
    self.bitrate = bitrate
    self.complexity = complexity
    set(OPUS_SET_SIGNAL_REQUEST, Int(OPUS_SIGNAL_VOICE))
    set(OPUS_SET_LSB_DEPTH_REQUEST, 24)
    applyBitrate()
    set(OPUS_SET_COMPLEXITY_REQUEST, min(10, max(0, complexity)))
    applyForwardErrorCorrection()
    set(OPUS_SET_DTX_REQUEST, 1)
  }

  deinit { opus_encoder_destroy(encoder) }

  /// Bit rate in bit/s, held within 6,000 to 128,000; may be changed while running.
  public var bitrate: Int { didSet { applyBitrate() } }

  /// Effort, 0 to 10; may be changed while running.
  public var complexity: Int { didSet { set(OPUS_SET_COMPLEXITY_REQUEST, min(10, max(0, complexity))) } }

  /// Loss that the receivers report, in percent: the more, the better protected the packets. 0 sends no redundancy.
  public var expectedLoss = 5 { didSet { applyForwardErrorCorrection() } }

  /// Whether silence is left out (discontinuous transmission).
  public var isDiscontinuous = true { didSet { set(OPUS_SET_DTX_REQUEST, isDiscontinuous ? 1 : 0) } }

  /// Encodes `samples` (exactly 960, within ±1) into `output` (at least `maximumByteCount` bytes).
  public func encode(
    _ samples: UnsafeBufferPointer<Float>, into output: UnsafeMutableRawBufferPointer
  ) throws(OpusError) -> Packet {
    guard samples.count == Self.sampleCount, output.count >= Self.maximumByteCount,
      let input = samples.baseAddress, let bytes = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { throw .invalidBuffer }
    let length = opus_encode_float(encoder, input, Int32(samples.count), bytes, Int32(Self.maximumByteCount))
    guard length > 0 else { throw .codec(length) }
    var meter = LevelMeter()
    meter.add(samples)
    let payload = UnsafeRawBufferPointer(start: bytes, count: Int(length))
    // The first empty packet of a silence is sent, so that the receiver knows that what follows is not loss.
    let isEmpty = OpusPacket.isDiscontinuous(payload)
    let needsSending = !isEmpty || !isInSilence
    isInSilence = isEmpty
    // Below -60 dBov nobody speaks, whatever the encoder's detector makes of the first frames of a room's noise.
    let isActive = !isEmpty && meter.audioLevel < 60 && (OpusPacket.voiceActivity(payload) ?? (meter.audioLevel < 45))
    return Packet(
      byteCount: Int(length), needsSending: needsSending, voiceActivity: isActive, audioLevel: meter.audioLevel)
  }

  /// Forgets the past: the next packet is encoded as the first.
  public func reset() {
    _ = copus_encoder_reset(encoder)
    isInSilence = false
  }

  private func applyBitrate() { set(OPUS_SET_BITRATE_REQUEST, min(128_000, max(6_000, bitrate))) }

  private func applyForwardErrorCorrection() {
    set(OPUS_SET_INBAND_FEC_REQUEST, expectedLoss > 0 ? 1 : 0)
    set(OPUS_SET_PACKET_LOSS_PERC_REQUEST, min(100, max(0, expectedLoss)))
  }

  /// Every value is held within the range that libopus accepts before it comes here, so the result tells nothing.
  private func set(_ request: Int32, _ value: Int) {
    _ = copus_encoder_set(encoder, request, Int32(value))
  }
}

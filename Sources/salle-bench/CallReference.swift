import CVPX
import Audio
import Devices
import Realtime
import Video

/// The codecs' work of the call and nothing else: libvpx encodes the same pictures in the same three layers, for which
/// they are scaled down, with the same settings, and decodes four pictures of 640 × 360 pixels; libopus encodes the same
/// sound once and decodes it four times. All at the same pace, on one thread.
struct CallReference {
  /// The sizes, rates (bit/s, pictures a second) of the layers that Salle publishes at 720p.
  private static let layers: [(width: Int, height: Int, bitrate: Int, framesPerSecond: Double)] = [
    (320, 180, 160_000, 20), (640, 360, 450_000, 20), (1_280, 720, 1_700_000, 30),
  ]
  /// What the practice room gives pictures of 640 × 360 pixels, bit/s.
  private static let remoteBitrate = 375_000
  static let remoteCount = 4

  /// Processor seconds a second.
  struct Result {
    var encoding = 0.0
    var decoding = 0.0
    var opus = 0.0
  }

  private let pictures: [VideoFrame]
  // One picture of each smaller layer's size.
  private let scaled: [VideoFrame]
  private let encoders: [BareVP8Encoder]
  private let streams: [[[UInt8]]]
  private let decoders: [BareVP8Decoder]

  init(_ pictures: [VideoFrame]) throws {
    self.pictures = pictures
    scaled = Self.layers.dropLast().map { VideoFrame(width: $0.width, height: $0.height) }
    encoders = try Self.layers.map {
      try BareVP8Encoder(
        width: $0.width, height: $0.height, kilobits: $0.bitrate / 1_000, framesPerSecond: $0.framesPerSecond)
    }
    streams = try (0..<Self.remoteCount).map { try Self.makeStream($0) }
    decoders = try (0..<Self.remoteCount).map { _ in try BareVP8Decoder() }
  }

  // Five seconds that the practice room's guests would send.
  private static func makeStream(_ index: Int) throws -> [[UInt8]] {
    let scene = SyntheticScene(width: 640, height: 360, variant: index + 5)
    let frame = VideoFrame(width: 640, height: 360)
    let encoder = VP8SimulcastEncoder(layers: [SimulcastLayer(bitrate: remoteBitrate)])
    var stream: [[UInt8]] = []
    for picture in 0..<150 {
      let time = Duration.nanoseconds(Int64(picture) * 33_333_333)
      scene.paint(frame, at: time)
      frame.captureTime = Instant(nanoseconds: 0) + time
      try encoder.encode(frame) { stream.append([UInt8]($0.bytes)) }
    }
    return stream
  }

  /// Works for `duration`.
  func run(for duration: Duration) throws -> Result {
    var result = Result()
    var beat = Beat(perSecond: CallMaterial.framesPerSecond)
    let sound = try OpusReference()
    // Not the beat's number, which begins anywhere and leaves out beats: a stream is decoded from its key frame on.
    var position = 0
    let began = MonotonicClock.now
    while MonotonicClock.now - began < duration {
      let time = beat.wait()
      let start = ProcessCost.threadTime
      try encode(beat: beat.count, at: time)
      let encoded = ProcessCost.threadTime
      for (stream, decoder) in zip(streams, decoders) { try decoder.decode(stream[position % stream.count]) }
      let decoded = ProcessCost.threadTime
      try sound.advance(to: time - began)
      position += 1
      result.encoding += encoded - start
      result.decoding += decoded - encoded
      result.opus += ProcessCost.threadTime - decoded
    }
    let seconds = (MonotonicClock.now - began).seconds
    result.encoding /= seconds
    result.decoding /= seconds
    result.opus /= seconds
    return result
  }

  // The larger layers first: each is scaled from the next larger one.
  private func encode(beat: Int, at time: Instant) throws {
    var picture = pictures[CallMaterial.index(ofBeat: beat)]
    for (index, layer) in Self.layers.enumerated().reversed() {
      // Two pictures of three, where the layer has 20 a second.
      guard layer.framesPerSecond == 30 || beat % 3 != 0 else { continue }
      if index < scaled.count {
        scaled[index].scale(from: picture)
        picture = scaled[index]
      }
      try encoders[index].encode(picture, at: time)
    }
  }
}

/// libopus: encodes the call's sound, decodes it as often as others speak.
private final class OpusReference {
  private let samples = CallMaterial.makeSound()
  private let encoder: OpusEncoder
  private let decoders: [OpusDecoder]
  private var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
  private var output = [Float](repeating: 0, count: OpusEncoder.sampleCount)
  private var packetCount = 0

  init() throws {
    encoder = try OpusEncoder()
    decoders = try (0..<CallReference.remoteCount).map { _ in try OpusDecoder() }
  }

  /// Does what is due at `time` after the beginning: a packet each 20 ms.
  func advance(to time: Duration) throws {
    while Double(packetCount) * 0.02 < time.seconds {
      let first = packetCount * OpusEncoder.sampleCount % (samples.count - OpusEncoder.sampleCount + 1)
      packetCount += 1
      let packet = try samples.withUnsafeBufferPointer { samples in
        try bytes.withUnsafeMutableBytes {
          try encoder.encode(UnsafeBufferPointer(rebasing: samples[first..<first + OpusEncoder.sampleCount]), into: $0)
        }
      }
      guard packet.needsSending else { continue }
      for decoder in decoders {
        try bytes.withUnsafeBytes { bytes in
          try output.withUnsafeMutableBufferPointer {
            _ = try decoder.decode(UnsafeRawBufferPointer(rebasing: bytes[..<packet.byteCount]), into: $0)
          }
        }
      }
    }
  }
}

/// libvpx's VP8 encoder with the settings of Salle's and three temporal layers.
final class BareVP8Encoder {
  private let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
  private let width: Int
  private let height: Int
  private let duration: UInt
  private var count = 0

  init(width: Int, height: Int, kilobits: Int, framesPerSecond: Double) throws {
    (self.width, self.height, duration) = (width, height, UInt(90_000 / framesPerSecond))
    context.initialize(to: vpx_codec_ctx_t())
    var configuration = vpx_codec_enc_cfg_t()
    vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &configuration, 0)
    configuration.g_w = UInt32(width)
    configuration.g_h = UInt32(height)
    configuration.g_timebase = vpx_rational(num: 1, den: 90_000)
    configuration.g_threads = 1
    configuration.g_error_resilient = UInt32(VPX_ERROR_RESILIENT_DEFAULT)
    configuration.g_lag_in_frames = 0
    configuration.rc_end_usage = VPX_CBR
    configuration.rc_dropframe_thresh = 30
    configuration.rc_min_quantizer = 2
    configuration.rc_max_quantizer = 56
    configuration.rc_undershoot_pct = 100
    configuration.rc_overshoot_pct = 15
    configuration.rc_buf_initial_sz = 500
    configuration.rc_buf_optimal_sz = 600
    configuration.rc_buf_sz = 1_000
    configuration.kf_mode = VPX_KF_DISABLED
    configuration.rc_target_bitrate = UInt32(kilobits)
    configuration.ts_number_layers = 3
    configuration.ts_periodicity = 4
    configuration.ts_target_bitrate.0 = UInt32(Double(kilobits) * 0.4)
    configuration.ts_target_bitrate.1 = UInt32(Double(kilobits) * 0.6)
    configuration.ts_target_bitrate.2 = UInt32(kilobits)
    (configuration.ts_rate_decimator.0, configuration.ts_rate_decimator.1) = (4, 2)
    configuration.ts_rate_decimator.2 = 1
    (configuration.ts_layer_id.1, configuration.ts_layer_id.2, configuration.ts_layer_id.3) = (2, 1, 2)
    guard salle_vpx_enc_init(context, vpx_codec_vp8_cx(), &configuration) == VPX_CODEC_OK else {
      throw BenchError("libvpx refuses the settings")
    }
    #if arch(arm64)
      let speed: Int32 = width * height <= 352 * 288 ? -8 : width * height <= 640 * 480 ? -10 : -12
    #else
      let speed: Int32 = width * height < 352 * 288 ? -4 : -6
    #endif
    salle_vpx_control_int(context, Int32(VP8E_SET_CPUUSED.rawValue), speed)
    salle_vpx_control_int(context, Int32(VP8E_SET_STATIC_THRESHOLD.rawValue), 1)
    salle_vpx_control_int(context, Int32(VP8E_SET_MAX_INTRA_BITRATE_PCT.rawValue), Int32(30 * framesPerSecond))
  }

  deinit {
    vpx_codec_destroy(context)
    context.deallocate()
  }

  func encode(_ frame: VideoFrame, at time: Instant) throws {
    var image = vpx_image_t()
    vpx_img_wrap(&image, VPX_IMG_FMT_I420, UInt32(width), UInt32(height), 1, frame.y)
    image.planes = (frame.y, frame.u, frame.v, nil)
    image.stride = (Int32(frame.strideY), Int32(frame.strideUV), Int32(frame.strideUV), 0)
    let (layer, flags) = Self.slot(count)
    salle_vpx_control_int(context, Int32(VP8E_SET_TEMPORAL_LAYER_ID.rawValue), layer)
    let result = vpx_codec_encode(
      context, &image, time.nanoseconds / 100_000 * 9, duration, count == 0 ? Int(VPX_EFLAG_FORCE_KF) : flags,
      UInt(VPX_DL_REALTIME))
    guard result == VPX_CODEC_OK else { throw BenchError("libvpx fails to encode") }
    count += 1
    var iterator: vpx_codec_iter_t?
    while vpx_codec_get_cx_data(context, &iterator) != nil {}
  }

  // Temporal layers 0, 2, 1, 2, as `VP8TemporalPattern` has them.
  private static func slot(_ position: Int) -> (layer: Int32, flags: Int) {
    let onlyLast = VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF
    let noUpdate = VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY
    switch position % 4 {
    case 0: return (0, Int(onlyLast | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF))
    case 1: return (2, Int(onlyLast | noUpdate))
    case 2: return (1, Int(onlyLast | VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY))
    default: return (2, Int(VP8_EFLAG_NO_REF_ARF | noUpdate))
    }
  }
}

/// libvpx's VP8 decoder.
final class BareVP8Decoder {
  private let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)

  init() throws {
    context.initialize(to: vpx_codec_ctx_t())
    var configuration = vpx_codec_dec_cfg(threads: 1, w: 0, h: 0)
    guard salle_vpx_dec_init(context, vpx_codec_vp8_dx(), &configuration) == VPX_CODEC_OK else {
      throw BenchError("libvpx refuses to decode")
    }
  }

  deinit {
    vpx_codec_destroy(context)
    context.deallocate()
  }

  func decode(_ bytes: [UInt8]) throws {
    guard vpx_codec_decode(context, bytes, UInt32(bytes.count), nil, 0) == VPX_CODEC_OK else {
      throw BenchError("libvpx fails to decode")
    }
    var iterator: vpx_codec_iter_t?
    while vpx_codec_get_frame(context, &iterator) != nil {}
  }
}

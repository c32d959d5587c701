import CVPX
import Realtime

/// One VP8 stream of one size: what a simulcast encoder has one of for each layer.
final class VP8StreamEncoder {
  struct Settings: Equatable {
    var width: Int
    var height: Int
    var bitrate: Int
    var framesPerSecond: Double
    var temporalLayers: Int
    var content: VideoContent
    var reducesNoise: Bool
    var threads: UInt32
  }

  private(set) var settings: Settings
  private let encoder: VPXEncoder
  private var configuration: vpx_codec_enc_cfg_t
  private var needsKeyFrame = true
  private var lastTimestamp = Int64.min
  private var positionInPattern = 0

  init(_ settings: Settings) throws(VideoEncoderError) {
    self.settings = settings
    configuration = try Self.configuration(settings)
    encoder = try VPXEncoder(vpx_codec_vp8_cx(), &configuration)
    let isScreen = settings.content == .screen
    encoder.control(VP8E_SET_CPUUSED, Self.speed(pixels: settings.width * settings.height))
    encoder.control(VP8E_SET_STATIC_THRESHOLD, isScreen ? 100 : 1)
    encoder.control(VP8E_SET_NOISE_SENSITIVITY, settings.reducesNoise ? 1 : 0)
    encoder.control(VP8E_SET_TOKEN_PARTITIONS, Int32(VP8_ONE_TOKENPARTITION.rawValue))
    encoder.control(VP8E_SET_SCREEN_CONTENT_MODE, isScreen ? 2 : 0)
    setIntraLimit()
  }

  /// Asks that the next picture be a key frame.
  func requestKeyFrame() {
    needsKeyFrame = true
  }

  /// Changes bitrate (bits per second) and frame rate, which need no new key frame.
  func setRate(bitrate: Int, framesPerSecond: Double) throws(VideoEncoderError) {
    if bitrate == settings.bitrate && framesPerSecond == settings.framesPerSecond { return }
    let rateChanged = framesPerSecond != settings.framesPerSecond
    settings.bitrate = bitrate
    settings.framesPerSecond = framesPerSecond
    Self.setBitrate(&configuration, settings)
    try encoder.set(&configuration)
    if rateChanged { setIntraLimit() }
  }

  /// Encodes `frame`, which has the settings' size. The rate control may drop it: then `visit` is not called.
  func encode(
    _ frame: VideoFrame, layer: Int, _ visit: (borrowing EncodedPicture) -> Void
  ) throws(VideoEncoderError) {
    let clock = frame.captureTime.nanoseconds / 100_000 * 9
    let timestamp = max(clock, lastTimestamp == .min ? clock : lastTimestamp + 1)
    lastTimestamp = timestamp
    if needsKeyFrame { positionInPattern = 0 }
    let slot = VP8TemporalPattern.slot(layers: settings.temporalLayers, position: positionInPattern)
    if settings.temporalLayers > 1 { encoder.control(VP8E_SET_TEMPORAL_LAYER_ID, Int32(slot.temporalLayer)) }
    let flags = needsKeyFrame ? Int(VPX_EFLAG_FORCE_KF) : slot.flags
    let duration = Int64(Double(EncoderTuning.clockRate) / max(settings.framesPerSecond, 0.1))
    try encoder.encode(
      frame, width: settings.width, height: settings.height, timestamp: timestamp, duration: duration, flags: flags)

    var iterator: vpx_codec_iter_t?
    while let packet = vpx_codec_get_cx_data(encoder.context, &iterator) {
      guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT, let bytes = packet.pointee.data.frame.buf else { continue }
      let isKeyFrame = packet.pointee.data.frame.flags & UInt32(VPX_FRAME_IS_KEY) != 0
      if isKeyFrame { needsKeyFrame = false }
      positionInPattern += 1
      visit(
        EncodedPicture(
          bytes: UnsafeRawBufferPointer(start: bytes, count: packet.pointee.data.frame.sz), layer: layer,
          width: settings.width, height: settings.height, captureTime: frame.captureTime, isKeyFrame: isKeyFrame,
          temporalLayer: isKeyFrame ? 0 : slot.temporalLayer, isSwitchingUpPoint: !isKeyFrame && slot.isLayerSync,
          isDiscardable: packet.pointee.data.frame.flags & UInt32(VPX_FRAME_IS_DROPPABLE) != 0))
    }
  }

  private func setIntraLimit() {
    encoder.control(
      VP8E_SET_MAX_INTRA_BITRATE_PCT,
      EncoderTuning.maximumIntraBitratePercentage(
        optimalBufferMilliseconds: Double(configuration.rc_buf_optimal_sz), framesPerSecond: settings.framesPerSecond))
  }

  private static func configuration(_ settings: Settings) throws(VideoEncoderError) -> vpx_codec_enc_cfg_t {
    guard (1...16_383).contains(settings.width), (1...16_383).contains(settings.height) else {
      throw .invalidConfiguration
    }
    var configuration = try VPXEncoder.configuration(
      vpx_codec_vp8_cx(), width: settings.width, height: settings.height, kilobitsPerSecond: 1,
      threads: settings.threads)
    configuration.rc_dropframe_thresh = 30
    configuration.rc_min_quantizer = settings.content == .screen ? 12 : 2
    configuration.rc_max_quantizer = 56
    configuration.rc_undershoot_pct = 100
    configuration.rc_overshoot_pct = 15
    // With temporal layers a receiver may miss pictures that the others don't refer to: the entropy coder's state must
    // not depend on them.
    configuration.g_error_resilient = settings.temporalLayers > 1 ? UInt32(VPX_ERROR_RESILIENT_DEFAULT) : 0
    setBitrate(&configuration, settings)
    return configuration
  }

  private static func setBitrate(_ configuration: inout vpx_codec_enc_cfg_t, _ settings: Settings) {
    let kilobits = UInt32(clamping: max(settings.bitrate / 1_000, 1))
    configuration.rc_target_bitrate = kilobits
    let layers = settings.temporalLayers
    guard layers > 1 else { return }
    configuration.ts_number_layers = UInt32(layers)
    configuration.ts_periodicity = UInt32(VP8TemporalPattern.period(layers: layers))
    for layer in 0..<layers {
      let share = VP8TemporalPattern.cumulativeShare(layers: layers, layer: layer)
      setElement(&configuration.ts_target_bitrate, layer, max(UInt32(Double(kilobits) * share), 1))
      setElement(&configuration.ts_rate_decimator, layer, UInt32(1 << (layers - 1 - layer)))
    }
    for position in 0..<Int(configuration.ts_periodicity) {
      let slot = VP8TemporalPattern.slot(layers: layers, position: position)
      setElement(&configuration.ts_layer_id, position, UInt32(slot.temporalLayer))
    }
  }

  /// libvpx's `cpu-used`; negative means a fixed speed rather than one that adapts to the machine's load.
  private static func speed(pixels: Int) -> Int32 {
    #if arch(arm64)
      pixels <= 352 * 288 ? -8 : pixels <= 640 * 480 ? -10 : -12
    #else
      pixels < 352 * 288 ? -4 : -6
    #endif
  }
}

import CVPX
import Realtime

/// Encodes pictures as VP9 profile 0 with spatial and temporal layers in one stream (RFC 9628), each spatial layer
/// given out by itself.
///
/// The size follows the pictures: a camera may change its format at any time; that starts a key picture, as does adding
/// spatial layers. Fewer spatial layers, other bitrates and frame rates need none.
///
/// Not thread-safe: confined to the thread that encodes. Once running it allocates nothing per picture.
public final class VP9SVCEncoder {
  /// The least width and height of the base layer; libvpx fails with very small layers.
  public static let minimumDimension = 16

  /// The layers the stream can have.
  public let mode: VP9ScalabilityMode
  /// The target of each spatial layer, base first, in bits per second, the temporal layers included.
  public var bitrates: [Int] { didSet { isRateChanged = true } }
  /// The most pictures per second.
  public var framesPerSecond: Double { didSet { isRateChanged = true } }
  /// How many spatial layers are encoded, 1…`mode.spatialLayers`: the lowest ones.
  public var activeSpatialLayers: Int { didSet { isRateChanged = true } }
  /// How many pictures the rate control dropped.
  public private(set) var droppedCount = 0

  /// What libvpx gave for one spatial layer of the picture being encoded.
  struct LayerOutput {
    var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    var isKey = false
    var identifiers = vpx_svc_layer_id_t()
    var references = vpx_svc_ref_frame_config_t()
  }

  private let content: VideoContent
  private let threads: Int
  private var encoder: VPXEncoder?
  private var configuration = vpx_codec_enc_cfg_t()
  private var limiter: FrameRateLimiter
  private var tracker = VP9ReferenceTracker()
  private var width = 0
  private var height = 0
  private var encodedSpatialLayers = 0
  private var isRateChanged = false
  private var needsKeyFrame = true
  private var lastTimestamp = Int64.min
  private var pictureNumber: Int64 = 0
  private let outputs: UnsafeMutableBufferPointer<LayerOutput>
  private var outputCount = 0

  /// An encoder with layers by `mode`.
  ///
  /// - Parameters:
  ///   - mode: the layers the stream can have.
  ///   - bitrates: the target of each spatial layer, base first, bits per second; missing ones count as 0.
  ///   - framesPerSecond: the most pictures per second.
  ///   - content: what the pictures show.
  ///   - threads: how many threads may be used.
  public init(
    mode: VP9ScalabilityMode, bitrates: [Int], framesPerSecond: Double = 30, content: VideoContent = .camera,
    threads: Int = 1
  ) {
    self.mode = mode
    self.bitrates = bitrates
    self.framesPerSecond = framesPerSecond
    self.content = content
    self.threads = threads
    activeSpatialLayers = mode.spatialLayers
    limiter = FrameRateLimiter(framesPerSecond: framesPerSecond)
    outputs = .allocate(capacity: Int(VPX_SS_MAX_LAYERS))
    outputs.initialize(repeating: LayerOutput())
  }

  deinit {
    encoder = nil
    outputs.deallocate()
  }

  /// Asks that the next picture be a key picture.
  public func requestKeyFrame() {
    needsKeyFrame = true
  }

  /// Encodes `frame`, unless the frame rate or the rate control drops it, and shows each spatial layer, base first, to
  /// `visit`.
  public func encode(_ frame: VideoFrame, _ visit: (borrowing EncodedPicture) -> Void) throws(VideoEncoderError) {
    limiter.framesPerSecond = framesPerSecond
    guard limiter.admits(frame.captureTime) else { return }
    let encoder = try preparedEncoder(for: frame)
    let clock = frame.captureTime.nanoseconds / 100_000 * 9
    let timestamp = max(clock, lastTimestamp == .min ? clock : lastTimestamp + 1)
    lastTimestamp = timestamp
    outputCount = 0
    do throws(VideoEncoderError) {
      let duration = Int64(Double(EncoderTuning.clockRate) / max(framesPerSecond, 0.1))
      let flags = needsKeyFrame ? Int(VPX_EFLAG_FORCE_KF) : 0
      try encoder.encode(
        frame, width: width, height: height, timestamp: timestamp, duration: duration, flags: flags)
    } catch {
      self.encoder = nil
      throw error
    }
    if outputCount == 0 {
      droppedCount += 1
      return
    }
    pictureNumber += 1
    visitOutputs(frame, visit)
  }

  private func visitOutputs(_ frame: VideoFrame, _ visit: (borrowing EncodedPicture) -> Void) {
    let isKeyPicture = outputs[0].isKey && outputs[0].identifiers.spatial_layer_id == 0
    if isKeyPicture { needsKeyFrame = false }
    for index in 0..<outputCount {
      let output = outputs[index]
      let layer = min(max(Int(output.identifiers.spatial_layer_id), 0), mode.spatialLayers - 1)
      let isLast = index == outputCount - 1
      let (earlier, isInterLayerPredicted) = tracker.note(
        output.references, layer: layer, picture: pictureNumber, isKeyFrame: isKeyPicture && layer == 0)
      let shift = mode.spatialLayers - 1 - layer
      visit(
        EncodedPicture(
          bytes: output.bytes, layer: layer, width: width >> shift, height: height >> shift,
          captureTime: frame.captureTime, isKeyFrame: isKeyPicture,
          temporalLayer: Int(output.identifiers.temporal_layer_id),
          // No picture of these patterns refers past a lower temporal layer's picture: one may switch up anywhere.
          isSwitchingUpPoint: mode.temporalLayers > 1,
          isDiscardable: element(output.references.update_buffer_slot, layer, as: Int32.self) == 0 && !isKeyPicture,
          isLastLayerOfPicture: isLast, spatialLayerCount: encodedSpatialLayers,
          isInterLayerPredicted: isInterLayerPredicted, isInterLayerReference: isKeyPicture && !isLast,
          references: earlier))
    }
  }

  /// Called by libvpx, on this thread, after each spatial layer.
  fileprivate func receive(_ packet: UnsafePointer<vpx_codec_cx_pkt_t>) {
    guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT, packet.pointee.data.frame.sz > 0,
      let bytes = packet.pointee.data.frame.buf, outputCount < outputs.count, let encoder
    else { return }
    // libvpx fills its buffer from front to back during one call of encode; nothing is overwritten before the next.
    outputs[outputCount].bytes = UnsafeRawBufferPointer(start: bytes, count: packet.pointee.data.frame.sz)
    outputs[outputCount].isKey = packet.pointee.data.frame.flags & UInt32(VPX_FRAME_IS_KEY) != 0
    encoder.control(VP9E_GET_SVC_LAYER_ID, pointer: &outputs[outputCount].identifiers)
    encoder.control(VP9E_GET_SVC_REF_FRAME_CONFIG, pointer: &outputs[outputCount].references)
    outputCount += 1
  }

  private func preparedEncoder(for frame: VideoFrame) throws(VideoEncoderError) -> VPXEncoder {
    // libvpx wants layers of even size, each half of the next: up to seven columns and rows are cut off.
    let unit = mode.spatialLayers * mode.temporalLayers > 1 ? 1 << mode.spatialLayers : 1
    let newWidth = frame.width / unit * unit
    let newHeight = frame.height / unit * unit
    if let encoder, newWidth == width, newHeight == height {
      if isRateChanged { try applyRates(encoder) }
      return encoder
    }
    encoder = nil
    width = newWidth
    height = newHeight
    guard min(width, height) >> (mode.spatialLayers - 1) >= Self.minimumDimension else { throw .invalidConfiguration }
    let encoder = try makeEncoder()
    self.encoder = encoder
    needsKeyFrame = true
    lastTimestamp = .min
    return encoder
  }

  private func applyRates(_ encoder: VPXEncoder) throws(VideoEncoderError) {
    isRateChanged = false
    let before = encodedSpatialLayers
    setBitrates()
    // A layer that was off has nothing to refer to, and between layers only key pictures refer.
    if encodedSpatialLayers > before { needsKeyFrame = true }
    try encoder.set(&configuration)
    setIntraLimit(encoder)
  }

  private func makeEncoder() throws(VideoEncoderError) -> VPXEncoder {
    configuration = try VPXEncoder.configuration(
      vpx_codec_vp9_cx(), width: width, height: height, kilobitsPerSecond: 1,
      threads: EncoderTuning.threads(pixels: width * height, available: threads))
    let isLayered = mode.spatialLayers * mode.temporalLayers > 1
    configuration.rc_dropframe_thresh = 30
    configuration.rc_min_quantizer = content == .screen ? 8 : 2
    configuration.rc_max_quantizer = 52
    configuration.rc_undershoot_pct = 50
    configuration.rc_overshoot_pct = 50
    // A receiver may miss upper layers: the probabilities must not depend on them.
    configuration.g_error_resilient = isLayered ? UInt32(VPX_ERROR_RESILIENT_DEFAULT) : 0
    configuration.ss_number_layers = UInt32(mode.spatialLayers)
    configuration.ts_number_layers = UInt32(mode.temporalLayers)
    configuration.temporal_layering_mode = Int32(temporalLayeringMode.rawValue)
    for layer in 0..<mode.temporalLayers {
      setElement(&configuration.ts_rate_decimator, layer, UInt32(1 << (mode.temporalLayers - 1 - layer)))
    }
    isRateChanged = false
    setBitrates()
    let encoder = try VPXEncoder(vpx_codec_vp9_cx(), &configuration)
    setControls(encoder)
    return encoder
  }

  private var temporalLayeringMode: VP9E_TEMPORAL_LAYERING_MODE {
    switch mode.temporalLayers {
    case 2: VP9E_TEMPORAL_LAYERING_MODE_0101
    case 3: VP9E_TEMPORAL_LAYERING_MODE_0212
    default: VP9E_TEMPORAL_LAYERING_MODE_NOLAYERING
    }
  }

  private func setBitrates() {
    let active = min(max(activeSpatialLayers, 1), mode.spatialLayers)
    var total: UInt32 = 0
    encodedSpatialLayers = 0
    for layer in 0..<mode.spatialLayers {
      let bitrate = layer < bitrates.count ? max(bitrates[layer], 0) : 0
      // The base layer cannot be off; upper ones are off at 0.
      let kilobits = layer >= active ? 0 : max(UInt32(clamping: bitrate / 1_000), layer == 0 ? 1 : 0)
      if kilobits > 0 && encodedSpatialLayers == layer { encodedSpatialLayers = layer + 1 }
      let used = encodedSpatialLayers > layer ? kilobits : 0
      total = total &+ used
      setElement(&configuration.ss_target_bitrate, layer, used)
      for temporalLayer in 0..<mode.temporalLayers {
        let share = mode.cumulativeShare(temporalLayer: temporalLayer)
        setElement(
          &configuration.layer_target_bitrate, layer * mode.temporalLayers + temporalLayer,
          used == 0 ? UInt32(0) : max(UInt32(Double(used) * share), 1))
      }
    }
    configuration.rc_target_bitrate = total
  }

  private func setControls(_ encoder: VPXEncoder) {
    let isLayered = mode.spatialLayers * mode.temporalLayers > 1
    encoder.control(VP8E_SET_CPUUSED, Self.speed(pixels: width * height))
    encoder.control(VP9E_SET_SVC, isLayered ? 1 : 0)
    if isLayered { setLayerParameters(encoder) }
    var callback = vpx_codec_priv_output_cx_pkt_cb_pair_t(
      output_cx_pkt: { packet, user in
        guard let packet, let user else { return }
        Unmanaged<VP9SVCEncoder>.fromOpaque(user).takeUnretainedValue().receive(packet)
      }, user_priv: Unmanaged.passUnretained(self).toOpaque())
    encoder.control(VP9E_REGISTER_CX_CALLBACK, pointer: &callback)
    encoder.control(VP8E_SET_STATIC_THRESHOLD, content == .screen ? 100 : 1)
    encoder.control(VP9E_SET_TUNE_CONTENT, content == .screen ? 1 : 0)
    encoder.control(VP9E_SET_AQ_MODE, 3)
    encoder.control(VP9E_SET_ROW_MT, 1)
    encoder.control(VP9E_SET_TILE_COLUMNS, configuration.g_threads >= 8 ? 3 : configuration.g_threads >= 2 ? 1 : 0)
    encoder.control(VP9E_SET_FRAME_PARALLEL_DECODING, 0)
    encoder.control(VP9E_SET_GF_CBR_BOOST_PCT, 0)
    encoder.control(VP9E_SET_NOISE_SENSITIVITY, 0)
    setIntraLimit(encoder)
  }

  private func setLayerParameters(_ encoder: VPXEncoder) {
    var parameters = vpx_svc_extra_cfg_t()
    for layer in 0..<mode.spatialLayers {
      let shift = mode.spatialLayers - 1 - layer
      let pixels = (width >> shift) * (height >> shift)
      setElement(&parameters.scaling_factor_num, layer, Int32(1))
      setElement(&parameters.scaling_factor_den, layer, Int32(1 << shift))
      setElement(&parameters.speed_per_layer, layer, Self.speed(pixels: pixels))
      for temporalLayer in 0..<mode.temporalLayers {
        let index = layer * mode.temporalLayers + temporalLayer
        setElement(&parameters.max_quantizers, index, Int32(configuration.rc_max_quantizer))
        setElement(&parameters.min_quantizers, index, Int32(configuration.rc_min_quantizer))
      }
    }
    parameters.temporal_layering_mode = Int32(temporalLayeringMode.rawValue)
    encoder.control(VP9E_SET_SVC_PARAMETERS, pointer: &parameters)
    if mode.spatialLayers > 1 { encoder.control(VP9E_SET_SVC_INTER_LAYER_PRED, 2) }
    // A second, long-term reference would break the rule that one may switch up anywhere.
    encoder.control(VP9E_SET_SVC_GF_TEMPORAL_REF, 0)
    var drop = vpx_svc_frame_drop_t()
    for layer in 0..<mode.spatialLayers {
      setElement(&drop.framedrop_thresh, layer, Int32(configuration.rc_dropframe_thresh))
    }
    drop.framedrop_mode = FULL_SUPERFRAME_DROP
    drop.max_consec_drop = Int32.max
    encoder.control(VP9E_SET_SVC_FRAME_DROP_LAYER, pointer: &drop)
  }

  private func setIntraLimit(_ encoder: VPXEncoder) {
    encoder.control(
      VP8E_SET_MAX_INTRA_BITRATE_PCT,
      EncoderTuning.maximumIntraBitratePercentage(
        optimalBufferMilliseconds: Double(configuration.rc_buf_optimal_sz), framesPerSecond: framesPerSecond))
  }

  /// libvpx's `cpu-used`.
  private static func speed(pixels: Int) -> Int32 {
    #if arch(arm64)
      8
    #else
      pixels <= 352 * 288 ? 5 : 7
    #endif
  }
}

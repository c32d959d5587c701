import CVPX

/// One libvpx encoder instance: owns the context, whose address must not change.
final class VPXEncoder {
  let context: UnsafeMutablePointer<vpx_codec_ctx_t>

  init(_ interface: OpaquePointer?, _ configuration: inout vpx_codec_enc_cfg_t) throws(VideoEncoderError) {
    context = .allocate(capacity: 1)
    context.initialize(to: vpx_codec_ctx_t())
    let result = salle_vpx_enc_init(context, interface, &configuration)
    if result != VPX_CODEC_OK {
      context.deallocate()
      throw result == VPX_CODEC_MEM_ERROR ? .outOfMemory : .invalidConfiguration
    }
  }

  deinit {
    vpx_codec_destroy(context)
    context.deallocate()
  }

  /// libvpx's default configuration for real time, with what all our encoders share.
  static func configuration(
    _ interface: OpaquePointer?, width: Int, height: Int, kilobitsPerSecond: UInt32, threads: UInt32
  ) throws(VideoEncoderError) -> vpx_codec_enc_cfg_t {
    var configuration = vpx_codec_enc_cfg_t()
    guard vpx_codec_enc_config_default(interface, &configuration, 0) == VPX_CODEC_OK else {
      throw .invalidConfiguration
    }
    configuration.g_w = UInt32(width)
    configuration.g_h = UInt32(height)
    configuration.g_timebase = vpx_rational(num: 1, den: Int32(EncoderTuning.clockRate))
    configuration.g_threads = threads
    configuration.g_lag_in_frames = 0
    configuration.g_pass = VPX_RC_ONE_PASS
    configuration.rc_end_usage = VPX_CBR
    configuration.rc_target_bitrate = kilobitsPerSecond
    configuration.rc_resize_allowed = 0
    configuration.rc_buf_initial_sz = 500
    configuration.rc_buf_optimal_sz = 600
    configuration.rc_buf_sz = 1_000
    configuration.kf_mode = VPX_KF_DISABLED
    return configuration
  }

  func control(_ identifier: vp8e_enc_control_id, _ value: Int32) {
    salle_vpx_control_int(context, Int32(identifier.rawValue), value)
  }

  func control(_ identifier: vp8e_enc_control_id, pointer: UnsafeMutableRawPointer?) {
    salle_vpx_control_pointer(context, Int32(identifier.rawValue), pointer)
  }

  func set(_ configuration: inout vpx_codec_enc_cfg_t) throws(VideoEncoderError) {
    guard vpx_codec_enc_config_set(context, &configuration) == VPX_CODEC_OK else { throw .invalidConfiguration }
  }

  /// Encodes the left upper `width` × `height` pixels of `frame`, the configured size.
  func encode(
    _ frame: VideoFrame, width: Int, height: Int, timestamp: Int64, duration: Int64, flags: Int
  ) throws(VideoEncoderError) {
    var image = vpx_image_t()
    vpx_img_wrap(&image, VPX_IMG_FMT_I420, UInt32(width), UInt32(height), 1, frame.y)
    image.planes.0 = frame.y
    image.planes.1 = frame.u
    image.planes.2 = frame.v
    image.stride.0 = Int32(frame.strideY)
    image.stride.1 = Int32(frame.strideUV)
    image.stride.2 = Int32(frame.strideUV)
    let result = vpx_codec_encode(context, &image, timestamp, UInt(duration), flags, UInt(VPX_DL_REALTIME))
    guard result == VPX_CODEC_OK else {
      throw result == VPX_CODEC_MEM_ERROR ? .outOfMemory : .codec(result.rawValue)
    }
  }
}

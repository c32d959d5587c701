import CVPX
import Realtime

/// The codec of a decoder.
public enum VideoDecoderCodec: Hashable, Sendable {
  /// VP8 (RFC 6386).
  case vp8
  /// VP9, 8-bit 4:2:0 (profile 0).
  case vp9
}

/// Decodes the pictures of one stream. The size may change with any picture.
///
/// Headers that announce a size are read before libvpx sees the data, so that a picture that claims to be huge costs
/// nothing. After an error only a key frame is accepted, so that no damaged picture is ever shown.
///
/// Not thread-safe: confined to the thread that decodes. Once running it allocates nothing per picture.
public final class VideoDecoder {
  /// The widest picture that is decoded.
  public static let maximumWidth = 4_096
  /// The highest picture that is decoded.
  public static let maximumHeight = 2_304

  /// The codec.
  public let codec: VideoDecoderCodec
  /// Whether only a key frame can be decoded next.
  public private(set) var needsKeyFrame = true
  /// How many pictures were decoded.
  public private(set) var decodedCount = 0
  /// How many pictures were refused or failed: errors other than `keyFrameNeeded`.
  public private(set) var errorCount = 0
  /// How many pictures came while a key frame was needed.
  public private(set) var skippedCount = 0

  private let threads: Int
  private var context: UnsafeMutablePointer<vpx_codec_ctx_t>?
  private var frameBuffers: VP9FrameBuffers?

  /// A decoder that uses up to `threads` threads.
  public init(codec: VideoDecoderCodec, threads: Int = 1) {
    self.codec = codec
    self.threads = threads
  }

  deinit {
    reset()
  }

  /// Decodes one picture and gives it as a frame of `pool`; with VP9 layers the highest of those in `bytes`.
  ///
  /// Gives nil when the picture is not to be shown, and when the pool has no vacant frame (decoding goes on).
  ///
  /// - Parameters:
  ///   - bytes: one VP8 frame; or one VP9 frame, or superframe, or the spatial layer frames of one picture one after
  ///     another. A superframe index lets all their headers be checked; without one, only the first's is, and libvpx is
  ///     refused the memory for a picture that is too large.
  ///   - pool: where the frame comes from.
  ///   - time: the frame's `captureTime`.
  ///   - rtpTimestamp: the frame's `rtpTimestamp`.
  public func decode(
    _ bytes: UnsafeRawBufferPointer, into pool: VideoFramePool, time: Instant, rtpTimestamp: UInt32? = nil
  ) throws(VideoDecoderError) -> VideoFrame? {
    do throws(VideoDecoderError) {
      let isKeyFrame = try check(bytes)
      if needsKeyFrame && !isKeyFrame { throw .keyFrameNeeded }
      let context = try preparedContext()
      try decode(bytes, context)
      needsKeyFrame = false
      decodedCount += 1
      guard let frame = try takePicture(context, pool) else { return nil }
      frame.captureTime = time
      frame.rtpTimestamp = rtpTimestamp
      return frame
    } catch {
      needsKeyFrame = true
      if error == .keyFrameNeeded { skippedCount += 1 } else { errorCount += 1 }
      // libvpx's state after an error is not to be trusted, nor what memory it holds for it.
      if error != .keyFrameNeeded { reset() }
      throw error
    }
  }

  /// Forgets all pictures, as when a stream is interrupted: only a key frame can be decoded next. Frees the codec.
  public func reset() {
    needsKeyFrame = true
    guard let context else { return }
    vpx_codec_destroy(context)
    context.deallocate()
    self.context = nil
    frameBuffers = nil
  }

  private func preparedContext() throws(VideoDecoderError) -> UnsafeMutablePointer<vpx_codec_ctx_t> {
    if let context { return context }
    let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
    context.initialize(to: vpx_codec_ctx_t())
    var configuration = vpx_codec_dec_cfg(threads: UInt32(clamping: max(threads, 1)), w: 0, h: 0)
    let interface = codec == .vp8 ? vpx_codec_vp8_dx() : vpx_codec_vp9_dx()
    guard salle_vpx_dec_init(context, interface, &configuration) == VPX_CODEC_OK else {
      context.deallocate()
      throw .outOfMemory
    }
    if codec == .vp9 {
      let buffers = VP9FrameBuffers()
      guard buffers.install(in: context) else {
        vpx_codec_destroy(context)
        context.deallocate()
        throw .outOfMemory
      }
      frameBuffers = buffers
      salle_vpx_control_int(context, Int32(VP9D_SET_ROW_MT.rawValue), threads > 1 ? 1 : 0)
    }
    self.context = context
    return context
  }

  private func decode(
    _ bytes: UnsafeRawBufferPointer, _ context: UnsafeMutablePointer<vpx_codec_ctx_t>
  ) throws(VideoDecoderError) {
    guard let start = bytes.baseAddress, let size = UInt32(exactly: bytes.count) else { throw .corrupt }
    let result = vpx_codec_decode(context, start.assumingMemoryBound(to: UInt8.self), size, nil, 0)
    if let frameBuffers, frameBuffers.refusedCount > 0 { throw .unsupported }
    switch result {
    case VPX_CODEC_OK: break
    case VPX_CODEC_MEM_ERROR: throw .outOfMemory
    case VPX_CODEC_UNSUP_FEATURE, VPX_CODEC_INCAPABLE: throw .unsupported
    default: throw .corrupt
    }
    // VP8 is decoded to the end even when data is missing; this tells.
    var isCorrupted: Int32 = 0
    let control = Int32(VP8D_GET_FRAME_CORRUPTED.rawValue)
    if salle_vpx_control_pointer(context, control, &isCorrupted) == VPX_CODEC_OK, isCorrupted != 0 { throw .corrupt }
  }

  private func takePicture(
    _ context: UnsafeMutablePointer<vpx_codec_ctx_t>, _ pool: VideoFramePool
  ) throws(VideoDecoderError) -> VideoFrame? {
    var iterator: vpx_codec_iter_t?
    guard let image = vpx_codec_get_frame(context, &iterator) else { return nil }
    let width = Int(image.pointee.d_w)
    let height = Int(image.pointee.d_h)
    guard image.pointee.fmt == VPX_IMG_FMT_I420, (1...Self.maximumWidth).contains(width),
      (1...Self.maximumHeight).contains(height)
    else { throw .unsupported }
    guard let y = image.pointee.planes.0, let u = image.pointee.planes.1, let v = image.pointee.planes.2 else {
      throw .corrupt
    }
    guard let frame = pool.vacant(width: width, height: height) else { return nil }
    frame.copy(
      y: y, strideY: Int(image.pointee.stride.0), u: u, strideU: Int(image.pointee.stride.1), v: v,
      strideV: Int(image.pointee.stride.2))
    frame.colorMatrix = Self.colorMatrix(image.pointee)
    return frame
  }

  private static func colorMatrix(_ image: vpx_image_t) -> ColorMatrix {
    let isFullRange = image.range == VPX_CR_FULL_RANGE
    if image.cs == VPX_CS_BT_709 { return isFullRange ? .bt709FullRange : .bt709 }
    return isFullRange ? .bt601FullRange : .bt601
  }

  /// Looks at the headers; tells whether decoding can start here.
  private func check(_ bytes: UnsafeRawBufferPointer) throws(VideoDecoderError) -> Bool {
    switch codec {
    case .vp8:
      guard let header = VP8FrameHeader(bytes) else { throw .corrupt }
      if header.isKeyFrame { try check(width: header.width, height: header.height) }
      return header.isKeyFrame
    case .vp9:
      guard let index = VP9SuperframeIndex(bytes) else { return try checkVP9(bytes) }
      var isKeyFrame = false
      guard index.count > 0 else { throw .corrupt }
      for frame in 0..<index.count {
        let part = UnsafeRawBufferPointer(rebasing: bytes[index.range(frame)])
        // libvpx takes an empty frame for a skipped one.
        if part.isEmpty { continue }
        if try checkVP9(part) { isKeyFrame = isKeyFrame || frame == 0 }
      }
      return isKeyFrame
    }
  }

  private func checkVP9(_ bytes: UnsafeRawBufferPointer) throws(VideoDecoderError) -> Bool {
    guard let header = VP9FrameHeader(bytes) else { throw .corrupt }
    guard header.profile == 0 else { throw .unsupported }
    if header.width > 0 { try check(width: header.width, height: header.height) }
    return header.isKeyFrame
  }

  private func check(width: Int, height: Int) throws(VideoDecoderError) {
    guard width <= Self.maximumWidth, height <= Self.maximumHeight else { throw .unsupported }
  }
}

import CV4L
import Video

/// How the pictures of a stream lie in its buffers.
public struct PictureLayout: Hashable, Sendable {
  /// The layout in memory.
  public var format: PixelFormat
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// Bytes from one row to the next in the first piece of memory; 0 for compressed pictures.
  public var stride: Int
  /// The same in the second and third piece, for formats whose planes lie apart.
  public var chromaStride: Int
  /// What the samples mean.
  public var colorMatrix: ColorMatrix

  /// Bytes that the piece of memory `plane` must hold for a whole picture; 1 for compressed ones.
  func minimumByteCount(plane: Int) -> Int {
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    func rows(_ count: Int, _ stride: Int, _ width: Int) -> Int { (count - 1) * stride + width }
    switch format {
    case .motionJPEG, .jpeg: return 1
    case .yuyv, .uyvy: return rows(height, stride, 2 * width)
    case .nv12: return stride * height + rows(chromaHeight, stride, 2 * chromaWidth)
    case .yu12: return stride * height + stride / 2 * chromaHeight + rows(chromaHeight, stride / 2, chromaWidth)
    case .nv12Separate:
      return plane == 0 ? rows(height, stride, width) : rows(chromaHeight, chromaStride, 2 * chromaWidth)
    case .yu12Separate: return plane == 0 ? rows(height, stride, width) : rows(chromaHeight, chromaStride, chromaWidth)
    }
  }

  /// Whether the strides can hold the rows.
  var isConsistent: Bool {
    let chromaWidth = (width + 1) / 2
    switch format {
    case .motionJPEG, .jpeg: return true
    case .yuyv, .uyvy: return stride >= 2 * width
    case .nv12: return stride >= 2 * chromaWidth
    case .yu12: return stride / 2 >= chromaWidth
    case .nv12Separate: return stride >= width && chromaStride >= 2 * chromaWidth
    case .yu12Separate: return stride >= width && chromaStride >= chromaWidth
    }
  }
}

extension PictureLayout {
  /// The layout that the driver settled on; nil for a format that isn't ours or a size out of bounds.
  init?(_ answer: v4l2_format) {
    if answer.type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.rawValue {
      let pix = answer.fmt.pix_mp
      guard let format = PixelFormat(rawValue: pix.pixelformat), Int(pix.num_planes) == format.memoryPlanes else {
        return nil
      }
      self.init(
        format: format, width: Int(pix.width), height: Int(pix.height), stride: Int(pix.plane_fmt.0.bytesperline),
        chromaStride: Int(pix.plane_fmt.1.bytesperline),
        colorMatrix: Self.colorMatrix(
          format, pix.colorspace, encoding: UInt32(pix.ycbcr_enc), quantization: UInt32(pix.quantization)))
    } else {
      let pix = answer.fmt.pix
      guard let format = PixelFormat(rawValue: pix.pixelformat), format.memoryPlanes == 1 else { return nil }
      self.init(
        format: format, width: Int(pix.width), height: Int(pix.height), stride: Int(pix.bytesperline),
        chromaStride: 0,
        colorMatrix: Self.colorMatrix(
          format, pix.colorspace, encoding: pix.ycbcr_enc, quantization: pix.quantization))
    }
    let sizes = 2...VideoFile.maximumDimension
    guard sizes.contains(width), sizes.contains(height), stride <= 1 << 20, chromaStride <= 1 << 20 else { return nil }
    // Some drivers leave it to the reader.
    if stride == 0, !format.isCompressed { stride = format == .yuyv || format == .uyvy ? 2 * width : width }
    guard isConsistent else { return nil }
  }

  /// V4L2's colour space in our terms, with the defaults of `V4L2_MAP_YCBCR_ENC_DEFAULT` and
  /// `V4L2_MAP_QUANTIZATION_DEFAULT`. JPEG pictures are what JFIF says, whatever the driver does.
  private static func colorMatrix(
    _ format: PixelFormat, _ colorspace: UInt32, encoding: UInt32, quantization: UInt32
  ) -> ColorMatrix {
    if format.isCompressed { return .bt601FullRange }
    let is709 =
      encoding == V4L2_YCBCR_ENC_DEFAULT.rawValue
      ? colorspace == V4L2_COLORSPACE_REC709.rawValue || colorspace == V4L2_COLORSPACE_DCI_P3.rawValue
      : encoding == V4L2_YCBCR_ENC_709.rawValue || encoding == V4L2_YCBCR_ENC_XV709.rawValue
    let isFull =
      quantization == V4L2_QUANTIZATION_DEFAULT.rawValue
      ? colorspace == V4L2_COLORSPACE_JPEG.rawValue : quantization == V4L2_QUANTIZATION_FULL_RANGE.rawValue
    return is709 ? (isFull ? .bt709FullRange : .bt709) : (isFull ? .bt601FullRange : .bt601)
  }
}

import CYUV
import Video

/// Turns captured pictures into planar 4:2:0, straight from the driver's memory into a frame. Allocates nothing but what
/// libturbojpeg does inside.
final class PictureConverter {
  private let layout: PictureLayout
  private let decoder: JPEGDecoder?

  /// Nil when there is no memory for a decoder.
  init?(_ layout: PictureLayout) {
    self.layout = layout
    decoder = layout.format.isCompressed ? JPEGDecoder() : nil
    if layout.format.isCompressed && decoder == nil { return nil }
  }

  /// Writes the picture in `planes`, one or more pieces of memory by the layout's format, into `frame`, which has its
  /// size. False when the picture is cut short or, being compressed, damaged; the frame's content is undefined then.
  func convert(_ planes: UnsafeBufferPointer<UnsafeRawBufferPointer>, into frame: VideoFrame) -> Bool {
    guard planes.count >= layout.format.memoryPlanes, frame.width == layout.width, frame.height == layout.height else {
      return false
    }
    for index in 0..<layout.format.memoryPlanes where planes[index].count < layout.minimumByteCount(plane: index) {
      return false
    }
    frame.colorMatrix = layout.colorMatrix
    if let decoder { return decoder.decode(planes[0], into: frame) == .whole }
    guard let first = planes[0].baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    return convertRaw(first, planes, into: frame) == 0
  }

  private func convertRaw(
    _ first: UnsafePointer<UInt8>, _ planes: UnsafeBufferPointer<UnsafeRawBufferPointer>, into frame: VideoFrame
  ) -> Int32 {
    let (width, height) = (Int32(layout.width), Int32(layout.height))
    let (strideY, strideUV) = (Int32(frame.strideY), Int32(frame.strideUV))
    let stride = layout.stride
    func plane(_ index: Int) -> UnsafePointer<UInt8>? { planes[index].baseAddress?.assumingMemoryBound(to: UInt8.self) }
    switch layout.format {
    case .yuyv:
      return YUY2ToI420(
        first, Int32(stride), frame.y, strideY, frame.u, strideUV, frame.v, strideUV, width, height)
    case .uyvy:
      return UYVYToI420(
        first, Int32(stride), frame.y, strideY, frame.u, strideUV, frame.v, strideUV, width, height)
    case .nv12:
      return NV12ToI420(
        first, Int32(stride), first + stride * layout.height, Int32(stride), frame.y, strideY, frame.u, strideUV,
        frame.v, strideUV, width, height)
    case .nv12Separate:
      return NV12ToI420(
        first, Int32(stride), plane(1), Int32(layout.chromaStride), frame.y, strideY, frame.u, strideUV, frame.v,
        strideUV, width, height)
    case .yu12:
      let u = first + stride * layout.height
      return I420Copy(
        first, Int32(stride), u, Int32(stride / 2), u + stride / 2 * frame.chromaHeight, Int32(stride / 2), frame.y,
        strideY, frame.u, strideUV, frame.v, strideUV, width, height)
    case .yu12Separate:
      let chroma = Int32(layout.chromaStride)
      return I420Copy(
        first, Int32(stride), plane(1), chroma, plane(2), chroma, frame.y, strideY, frame.u, strideUV, frame.v,
        strideUV, width, height)
    case .motionJPEG, .jpeg:
      return -1
    }
  }
}

import CYUV

extension VideoFrame {
  /// Scales `source` into the whole of this frame, each axis by itself, averaging where it shrinks.
  public func scale(from source: VideoFrame) {
    I420Scale(
      source.y, Int32(source.strideY), source.u, Int32(source.strideUV), source.v, Int32(source.strideUV),
      Int32(source.width), Int32(source.height),
      y, Int32(strideY), u, Int32(strideUV), v, Int32(strideUV), Int32(width), Int32(height), kFilterBox)
    captureTime = source.captureTime
    rtpTimestamp = source.rtpTimestamp
    colorMatrix = source.colorMatrix
  }

  /// Copies planes of this frame's size from foreign memory, such as a decoder's.
  func copy(
    y sourceY: UnsafePointer<UInt8>, strideY sourceStrideY: Int, u sourceU: UnsafePointer<UInt8>,
    strideU sourceStrideU: Int, v sourceV: UnsafePointer<UInt8>, strideV sourceStrideV: Int
  ) {
    I420Copy(
      sourceY, Int32(sourceStrideY), sourceU, Int32(sourceStrideU), sourceV, Int32(sourceStrideV),
      y, Int32(strideY), u, Int32(strideUV), v, Int32(strideUV), Int32(width), Int32(height))
  }

  /// Copies the pixels, times and colour of `source`, taking its size.
  public func copy(from source: VideoFrame) {
    resize(width: source.width, height: source.height)
    copy(
      y: source.y, strideY: source.strideY, u: source.u, strideU: source.strideUV, v: source.v,
      strideV: source.strideUV)
    captureTime = source.captureTime
    rtpTimestamp = source.rtpTimestamp
    colorMatrix = source.colorMatrix
  }
}

import CYUV
import Video

extension KMSBuffer {
  /// Writes rows of B, G, R, X pixels into `target`, which lies in the buffer, converting if its pixels lie otherwise.
  func copy(from source: UnsafePointer<UInt8>, stride: Int, to target: PixelRectangle) {
    switch format {
    case .xrgb8888:
      let destination = pixels + target.y * pitch + 4 * target.x
      if stride == pitch && target.width == width && 4 * width == pitch {
        destination.update(from: source, count: pitch * target.height)
        return
      }
      for row in 0..<target.height {
        (destination + row * pitch).update(from: source + row * stride, count: 4 * target.width)
      }
    case .xbgr8888:
      ARGBToABGR(
        source, Int32(stride), pixels + target.y * pitch + 4 * target.x, Int32(pitch), Int32(target.width),
        Int32(target.height))
    case .rgb565:
      ARGBToRGB565(
        source, Int32(stride), pixels + target.y * pitch + 2 * target.x, Int32(pitch), Int32(target.width),
        Int32(target.height))
    case .nv12:
      // Canvases go to the primary plane alone, whose buffers have no such format.
      return
    }
  }
}

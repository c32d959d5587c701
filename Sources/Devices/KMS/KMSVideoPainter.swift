import CYUV
import Video

/// Brings video pictures into scan-out buffers. Keeps the memory that it needs between.
///
/// Not thread-safe: belongs to its output's layers.
final class KMSVideoPainter {
  private let scaled = VideoFrame(width: 16, height: 16)
  private var canvas = Canvas(width: 16, height: 16)

  /// Writes the part `source` of `frame` into the whole of an NV12 buffer, scaled if the sizes differ.
  func convert(_ frame: VideoFrame, _ source: PixelRectangle, to buffer: KMSBuffer) {
    let picture = fit(frame, source, width: buffer.width, height: buffer.height)
    I420ToNV12(
      picture.y, Int32(picture.strideY), picture.u, Int32(picture.strideUV), picture.v, Int32(picture.strideUV),
      buffer.pixels, Int32(buffer.pitch), buffer.pixels + buffer.pitch * buffer.height, Int32(buffer.pitch),
      Int32(buffer.width), Int32(buffer.height))
  }

  /// Paints the part `source` of `frame` at `destination`, of which `visible` is in the picture, moved by `offset`, into
  /// an RGB buffer.
  func paint(
    _ frame: VideoFrame, _ source: PixelRectangle, _ destination: PixelRectangle, visible: PixelRectangle,
    offset: (x: Int, y: Int), into buffer: KMSBuffer
  ) {
    if visible.isEmpty { return }
    let picture = fit(frame, source, width: destination.width, height: destination.height)
    if canvas.width < destination.width || canvas.height < destination.height {
      canvas = Canvas(
        width: max(canvas.width, destination.width), height: max(canvas.height, destination.height))
    }
    I420ToARGBMatrix(
      picture.y, Int32(picture.strideY), picture.u, Int32(picture.strideUV), picture.v, Int32(picture.strideUV),
      canvas.pixels, Int32(canvas.stride), frame.colorMatrix.yuvConstants, Int32(min(destination.width, canvas.width)),
      Int32(min(destination.height, canvas.height)))
    buffer.copy(
      from: canvas.pixels + (visible.y - destination.y) * canvas.stride + 4 * (visible.x - destination.x),
      stride: canvas.stride,
      to: PixelRectangle(
        x: visible.x + offset.x, y: visible.y + offset.y, width: visible.width, height: visible.height))
  }

  private struct Planes {
    var y: UnsafePointer<UInt8>
    var u: UnsafePointer<UInt8>
    var v: UnsafePointer<UInt8>
    var strideY: Int
    var strideUV: Int
  }

  /// The part `source` of `frame`, which is cut to it, at that size.
  private func fit(_ frame: VideoFrame, _ source: PixelRectangle, width: Int, height: Int) -> Planes {
    var part = source.intersection(PixelRectangle(x: 0, y: 0, width: frame.width, height: frame.height))
    // On whole chroma samples.
    part = PixelRectangle(x: part.x & ~1, y: part.y & ~1, width: part.width & ~1, height: part.height & ~1)
    if part.isEmpty { part = PixelRectangle(x: 0, y: 0, width: frame.width, height: frame.height) }
    let chroma = part.y / 2 * frame.strideUV + part.x / 2
    let planes = Planes(
      y: UnsafePointer(frame.y + part.y * frame.strideY + part.x), u: UnsafePointer(frame.u + chroma),
      v: UnsafePointer(frame.v + chroma), strideY: frame.strideY, strideUV: frame.strideUV)
    if part.width == width && part.height == height { return planes }
    scaled.resize(width: width, height: height)
    I420Scale(
      planes.y, Int32(planes.strideY), planes.u, Int32(planes.strideUV), planes.v, Int32(planes.strideUV),
      Int32(part.width), Int32(part.height), scaled.y, Int32(scaled.strideY), scaled.u, Int32(scaled.strideUV),
      scaled.v, Int32(scaled.strideUV), Int32(width), Int32(height), kFilterBox)
    return Planes(
      y: UnsafePointer(scaled.y), u: UnsafePointer(scaled.u), v: UnsafePointer(scaled.v), strideY: scaled.strideY,
      strideUV: scaled.strideUV)
  }
}

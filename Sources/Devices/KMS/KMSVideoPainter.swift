import CYUV
import Video

/// Brings video pictures into scan-out buffers. Keeps the memory that it needs between.
///
/// Not thread-safe: belongs to its output's layers.
final class KMSVideoPainter {
  private let scaled = VideoFrame(width: 16, height: 16)
  private var canvas = Canvas(width: 16, height: 16)

  /// Writes `layer` into the whole of an NV12 buffer, scaled if the sizes differ.
  func convert(_ layer: VideoLayer, to buffer: KMSBuffer) {
    convert(layer, to: buffer.pixels, pitch: buffer.pitch, width: buffer.width, height: buffer.height)
  }

  /// The same for memory with rows of `pitch` bytes, chroma below luma.
  func convert(_ layer: VideoLayer, to pixels: UnsafeMutablePointer<UInt8>, pitch: Int, width: Int, height: Int) {
    let picture = picture(layer, width: width, height: height)
    I420ToNV12(
      picture.y, Int32(picture.strideY), picture.u, Int32(picture.strideUV), picture.v, Int32(picture.strideUV),
      pixels, Int32(pitch), pixels + pitch * height, Int32(pitch), Int32(width), Int32(height))
  }

  /// Paints `layer`, of which `visible` is in the picture, moved by `offset`, into an RGB buffer.
  func paint(_ layer: VideoLayer, visible: PixelRectangle, offset: (x: Int, y: Int), into buffer: KMSBuffer) {
    if visible.isEmpty { return }
    let destination = layer.destination
    let picture = picture(layer, width: destination.width, height: destination.height)
    if canvas.width < destination.width || canvas.height < destination.height {
      canvas = Canvas(
        width: max(canvas.width, destination.width), height: max(canvas.height, destination.height))
    }
    I420ToARGBMatrix(
      picture.y, Int32(picture.strideY), picture.u, Int32(picture.strideUV), picture.v, Int32(picture.strideUV),
      canvas.pixels, Int32(canvas.stride), layer.frame.colorMatrix.yuvConstants,
      Int32(min(destination.width, canvas.width)), Int32(min(destination.height, canvas.height)))
    buffer.copy(
      from: canvas.pixels + (visible.y - destination.y) * canvas.stride + 4 * (visible.x - destination.x),
      stride: canvas.stride,
      to: PixelRectangle(
        x: visible.x + offset.x, y: visible.y + offset.y, width: visible.width, height: visible.height))
  }

  /// The picture of a layer at that size, with all that lies over it.
  private func picture(_ layer: VideoLayer, width: Int, height: Int) -> Planes {
    let plain = fit(layer.frame, layer.source, width: width, height: height)
    if layer.marks == nil && layer.inset == nil { return plain }
    if plain.y != UnsafePointer(scaled.y) {
      // Others may be reading the frame.
      scaled.resize(width: width, height: height)
      I420Copy(
        plain.y, Int32(plain.strideY), plain.u, Int32(plain.strideUV), plain.v, Int32(plain.strideUV), scaled.y,
        Int32(scaled.strideY), scaled.u, Int32(scaled.strideUV), scaled.v, Int32(scaled.strideUV), Int32(width),
        Int32(height))
    }
    scaled.colorMatrix = layer.frame.colorMatrix
    layer.marks?.blend(over: scaled)
    if let inset = layer.inset { draw(inset) }
    return planes(of: scaled)
  }

  private func draw(_ inset: VideoLayer.Inset) {
    let (place, frame) = (inset.place, inset.frame)
    let bounds = PixelRectangle(x: 0, y: 0, width: scaled.width, height: scaled.height)
    let source = inset.source.intersection(PixelRectangle(x: 0, y: 0, width: frame.width, height: frame.height))
    guard !place.isEmpty, bounds.contains(place), (place.x | place.y | place.width | place.height) & 1 == 0,
      source.width > 1, source.height > 1
    else { return }
    let from = planes(of: frame, at: (source.x & ~1, source.y & ~1))
    let (luma, chroma) = (place.y * scaled.strideY + place.x, place.y / 2 * scaled.strideUV + place.x / 2)
    I420Scale(
      from.y, Int32(from.strideY), from.u, Int32(from.strideUV), from.v, Int32(from.strideUV), Int32(source.width),
      Int32(source.height), scaled.y + luma, Int32(scaled.strideY), scaled.u + chroma, Int32(scaled.strideUV),
      scaled.v + chroma, Int32(scaled.strideUV), Int32(place.width), Int32(place.height), kFilterBox)
    inset.marks?.blend(over: scaled)
  }

  private struct Planes {
    var y: UnsafePointer<UInt8>
    var u: UnsafePointer<UInt8>
    var v: UnsafePointer<UInt8>
    var strideY: Int
    var strideUV: Int
  }

  private func planes(of frame: VideoFrame, at place: (x: Int, y: Int) = (0, 0)) -> Planes {
    let chroma = place.y / 2 * frame.strideUV + place.x / 2
    return Planes(
      y: UnsafePointer(frame.y + place.y * frame.strideY + place.x), u: UnsafePointer(frame.u + chroma),
      v: UnsafePointer(frame.v + chroma), strideY: frame.strideY, strideUV: frame.strideUV)
  }

  /// The part `source` of `frame`, which is cut to it, at that size: the same as in a canvas, or one would see when a
  /// picture goes from there to a plane.
  private func fit(_ frame: VideoFrame, _ source: PixelRectangle, width: Int, height: Int) -> Planes {
    var part = source.intersection(PixelRectangle(x: 0, y: 0, width: frame.width, height: frame.height))
    // From whole chroma samples on.
    part = PixelRectangle(x: part.x & ~1, y: part.y & ~1, width: part.width, height: part.height)
    if part.isEmpty { part = PixelRectangle(x: 0, y: 0, width: frame.width, height: frame.height) }
    let planes = planes(of: frame, at: (part.x, part.y))
    if part.width == width && part.height == height { return planes }
    scaled.resize(width: width, height: height)
    I420Scale(
      planes.y, Int32(planes.strideY), planes.u, Int32(planes.strideUV), planes.v, Int32(planes.strideUV),
      Int32(part.width), Int32(part.height), scaled.y, Int32(scaled.strideY), scaled.u, Int32(scaled.strideUV),
      scaled.v, Int32(scaled.strideUV), Int32(width), Int32(height), kFilterBox)
    return self.planes(of: scaled)
  }
}

/// What is written over a video layer: names, signs, a speaker's ring. Blended into the picture itself, as nothing can lie
/// in front of a plane that the display's controller puts in front of the canvas.
///
/// Not thread-safe: confined to the thread that composes and presents.
public final class LayerMarks {
  struct Part {
    var bitmap: Bitmap
    /// From the layer's top left corner.
    var x: Int
    var y: Int
    /// Nothing is drawn outside of this part of the layer.
    var clip: PixelRectangle
  }

  private let parts: [Part]
  private var planar: [PlanarMark] = []
  private var matrix: ColorMatrix?

  /// Marks, back to front; nil if there are none.
  init?(_ parts: [Part]) {
    if parts.isEmpty { return nil }
    self.parts = parts
  }

  /// Blends them over `frame`, which is the whole layer in its size. Text is converted when it is first drawn over
  /// pictures of a kind.
  package func blend(over frame: VideoFrame) {
    if frame.colorMatrix != matrix {
      matrix = frame.colorMatrix
      planar = parts.compactMap { PlanarMark($0, frame.colorMatrix) }
    }
    for mark in planar { mark.blend(over: frame) }
  }
}

import Video

extension Canvas {
  /// Writes the picture to a PNG file, which appears when it is whole. Slow: tenths of a second.
  func writePNG(to path: String) throws(MediaFileError) {
    let bytes: [UInt8]
    do throws(CanvasError) {
      bytes = try pngData()
    } catch {
      throw MediaFileError(path: path, reason: .unsupported("a picture of this size"))
    }
    try AtomicFile.write(bytes, to: path)
  }
}

import CPangoCairo

/// Why a picture of a canvas could not be written.
public enum CanvasError: Error, Hashable, Sendable {
  /// The file could not be written: look whether the folder exists and there is room.
  case notWritten
}

extension Canvas {
  /// Writes the canvas as a PNG file.
  public func writePNG(to path: String) throws(CanvasError) {
    let status = withSurface { cairo_surface_write_to_png($0, path) }
    guard status == CAIRO_STATUS_SUCCESS else { throw .notWritten }
  }

  /// The canvas as the bytes of a PNG file. Allocates: for snapshots.
  public func pngData() throws(CanvasError) -> [UInt8] {
    var bytes: [UInt8] = []
    let status = withUnsafeMutablePointer(to: &bytes) { bytes in
      withSurface { surface in
        cairo_surface_write_to_png_stream(
          surface,
          { closure, data, length in
            guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
            closure.assumingMemoryBound(to: [UInt8].self).pointee
              .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
            return CAIRO_STATUS_SUCCESS
          }, bytes)
      }
    }
    guard status == CAIRO_STATUS_SUCCESS else { throw .notWritten }
    return bytes
  }

  private func withSurface<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
    let surface = cairo_image_surface_create_for_data(
      pixels, CAIRO_FORMAT_RGB24, Int32(width), Int32(height), Int32(stride))
    defer { cairo_surface_destroy(surface) }
    return body(surface)
  }
}

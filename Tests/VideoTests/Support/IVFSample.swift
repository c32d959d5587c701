import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The frames of an IVF file from `Samples`.
struct IVFSample {
  var frames: [[UInt8]] = []

  /// Reads the file; has no frames if it is missing, so that a test that needs them fails.
  init(_ name: String) {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let bytes = Self.read("/\(folder)/Samples/\(name)")
    var offset = 32
    while offset + 12 <= bytes.count {
      let size = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
      guard offset + 12 + size <= bytes.count else { return }
      frames.append(Array(bytes[(offset + 12)..<(offset + 12 + size)]))
      offset += 12 + size
    }
  }

  private static func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }
}

/// The checksum that ffmpeg's `framecrc` gives of a picture's visible I420 bytes: Adler-32, started at 0.
func frameChecksum(_ frame: VideoFrame) -> UInt32 {
  var a: UInt32 = 0
  var b: UInt32 = 0
  func add(_ plane: UnsafeMutablePointer<UInt8>, _ stride: Int, _ width: Int, _ height: Int) {
    for row in 0..<height {
      for column in 0..<width {
        a = (a + UInt32(plane[row * stride + column])) % 65_521
        b = (b + a) % 65_521
      }
    }
  }
  add(frame.y, frame.strideY, frame.width, frame.height)
  add(frame.u, frame.strideUV, frame.chromaWidth, frame.chromaHeight)
  add(frame.v, frame.strideUV, frame.chromaWidth, frame.chromaHeight)
  return b << 16 | a
}

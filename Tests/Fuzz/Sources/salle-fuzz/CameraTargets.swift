import Video

@testable import Devices

extension FuzzTarget {
  /// What a camera sends as motion JPEG: the first byte chooses whether the picture has the size that was agreed upon,
  /// and whether another came before it, whose tables must not be used for this one beyond its memory.
  static let motionJPEG = FuzzTarget(name: "motion-jpeg") { bytes in
    guard let choice = bytes.first, let probe = JPEGDecoder() else { return }
    let picture = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    var (width, height) = (64, 48)
    if choice & 1 == 0, let header = probe.header(of: picture), header.width * header.height <= 1 << 18 {
      (width, height) = (header.width, header.height)
    }
    let layout = PictureLayout(
      format: .motionJPEG, width: width, height: height, stride: 0, chromaStride: 0, colorMatrix: .bt601FullRange)
    guard let converter = PictureConverter(layout) else { return }
    let frame = VideoFrame(width: width, height: height)
    for end in choice & 2 == 0 ? [picture.count] : [picture.count / 2, picture.count] {
      let pieces = [UnsafeRawBufferPointer(rebasing: picture[..<end])]
      let isWhole = pieces.withUnsafeBufferPointer { converter.convert($0, into: frame) }
      require(!isWhole || frame.colorMatrix == .bt601FullRange, "a whole picture without its colours")
    }
  } seeds: {
    []
  }

  /// Raw pictures of a camera, cut short anywhere: the first bytes choose format, size and strides.
  static let rawPicture = FuzzTarget(name: "raw-picture") { bytes in
    guard bytes.count >= 6 else { return }
    let formats = PixelFormat.allCases.filter { !$0.isCompressed }
    let layout = PictureLayout(
      format: formats[Int(bytes[0]) % formats.count], width: 2 + Int(bytes[1] & 63), height: 2 + Int(bytes[2] & 63),
      stride: Int(bytes[3]) * 4, chromaStride: Int(bytes[4]) * 4, colorMatrix: .bt601)
    guard layout.isConsistent, let converter = PictureConverter(layout) else { return }
    let frame = VideoFrame(width: layout.width, height: layout.height)
    // Pieces of their own, so that one byte read too far is found.
    let pieces = (0..<3).map { plane in
      let needed = layout.minimumByteCount(plane: plane)
      let count = max(0, plane == 0 ? needed - Int(bytes[5] & 3) : needed)
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
      for index in 0..<count { memory[index] = bytes[index % bytes.count] }
      return memory
    }
    defer { for piece in pieces { piece.deallocate() } }
    let isWhole = pieces.map { UnsafeRawBufferPointer($0) }.withUnsafeBufferPointer {
      converter.convert($0, into: frame)
    }
    require(isWhole == (bytes[5] & 3 == 0), "\(layout): \(isWhole)")
  } seeds: {
    (0..<6).map { [$0, 30, 20, 40, 40, 0] }
  }
}

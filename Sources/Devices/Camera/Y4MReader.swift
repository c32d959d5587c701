import Video

/// Reads YUV4MPEG2 files (.y4m) with 8-bit 4:2:0 or grey pictures.
final class Y4MReader: VideoFileReader {
  /// A header line longer than this isn't one.
  private static let maximumLine = 512

  let format: CameraFormat
  private let file: InputFile
  private let isGrey: Bool
  private let isFullRange: Bool
  private let firstFrame: Int64
  private var offset: Int64

  init(_ file: InputFile) throws(MediaFileError) {
    self.file = file
    let line = try Self.line(of: file, at: 0)
    var (width, height, rate, colour) = (0, 0, 30.0, "420jpeg")
    var isFullRange = false
    for field in line.split(separator: " ").dropFirst() {
      let value = field.dropFirst()
      switch field.first {
      case "W": width = Int(value) ?? 0
      case "H": height = Int(value) ?? 0
      case "F": rate = Self.ratio(value) ?? 30
      case "C": colour = String(value)
      case "X": isFullRange = isFullRange || value == "COLORRANGE=FULL"
      default: break
      }
    }
    guard (1...VideoFile.maximumDimension).contains(width), (1...VideoFile.maximumDimension).contains(height) else {
      throw file.malformed("a width or height from 1 to \(VideoFile.maximumDimension) is missing in the first line")
    }
    switch colour {
    case "420", "420jpeg", "420mpeg2", "420paldv": isGrey = false
    case "mono": isGrey = true
    default: throw file.unsupported("the colour space \(colour.prefix(20))")
    }
    self.isFullRange = isFullRange
    format = CameraFormat(width: width, height: height, framesPerSecond: min(max(rate, 1), 120))
    firstFrame = Int64(line.utf8.count) + 1
    offset = firstFrame
    guard try frameStart(at: firstFrame) != nil else { throw MediaFileError(path: file.path, reason: .empty) }
  }

  private var frameSize: Int64 {
    let chroma = ((format.width + 1) / 2) * ((format.height + 1) / 2)
    return Int64(format.width * format.height + (isGrey ? 0 : 2 * chroma))
  }

  func next(from pool: VideoFramePool) throws(MediaFileError) -> VideoFrame? {
    let start = try advance()
    guard let frame = pool.vacant(width: format.width, height: format.height) else { return nil }
    var position = start
    try read(frame.y, rows: frame.height, width: frame.width, stride: frame.strideY, at: &position)
    if isGrey {
      frame.u.update(repeating: 128, count: frame.strideUV * frame.chromaHeight)
      frame.v.update(repeating: 128, count: frame.strideUV * frame.chromaHeight)
    } else {
      try read(frame.u, rows: frame.chromaHeight, width: frame.chromaWidth, stride: frame.strideUV, at: &position)
      try read(frame.v, rows: frame.chromaHeight, width: frame.chromaWidth, stride: frame.strideUV, at: &position)
    }
    frame.colorMatrix = isFullRange ? .bt601FullRange : .bt601
    return frame
  }

  func skip(_ count: Int64) throws(MediaFileError) {
    // More than a loop of even the longest clip is of no use to anybody.
    for _ in 0..<min(count, 1_000) { _ = try advance() }
  }

  /// Where the next picture's samples are; moves on to the one after it.
  private func advance() throws(MediaFileError) -> Int64 {
    let found: Int64
    if let start = try frameStart(at: offset) {
      found = start
    } else if let start = try frameStart(at: firstFrame) {
      found = start
    } else {
      throw MediaFileError(path: file.path, reason: .empty)
    }
    offset = found + frameSize
    return found
  }

  /// Where the samples of the picture begin whose header is at `position`; nil when there is no whole picture.
  private func frameStart(at position: Int64) throws(MediaFileError) -> Int64? {
    if position >= file.size { return nil }
    let line = try Self.line(of: file, at: position)
    guard line.hasPrefix("FRAME") else { throw file.malformed("no picture begins at byte \(position)") }
    let start = position + Int64(line.utf8.count) + 1
    return start + frameSize <= file.size ? start : nil
  }

  private func read(
    _ plane: UnsafeMutablePointer<UInt8>, rows: Int, width: Int, stride: Int, at position: inout Int64
  ) throws(MediaFileError) {
    for row in 0..<rows {
      let memory = UnsafeMutableRawBufferPointer(start: plane + row * stride, count: width)
      guard try file.read(into: memory, at: position) == width else { throw file.malformed("it was cut short") }
      position += Int64(width)
    }
  }

  private static func line(of file: InputFile, at offset: Int64) throws(MediaFileError) -> String {
    let bytes = try file.bytes(maximumLine, at: offset)
    guard let end = bytes.firstIndex(of: 0x0A), bytes[..<end].allSatisfy({ (0x20..<0x7F).contains($0) }) else {
      throw file.malformed("no header line at byte \(offset)")
    }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  private static func ratio(_ text: Substring) -> Double? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let over = Int32(parts[0]), let under = Int32(parts[1]), over > 0, under > 0 else {
      return nil
    }
    return Double(over) / Double(under)
  }
}

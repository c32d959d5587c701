import Video

/// Reads motion JPEG files: JPEG pictures one after another, as cameras and `ffmpeg -f mjpeg` give them.
final class MJPEGReader: VideoFileReader {
  /// Most pictures of a file that are used: ten minutes at 30 fps.
  private static let maximumPictureCount = 18_000
  /// A larger picture isn't one.
  private static let maximumPictureSize = 16 << 20

  let format: CameraFormat
  private let file: InputFile
  private let decoder: JPEGDecoder
  private let pictures: [Range<Int64>]
  private var next = 0
  private var buffer = MemoryBlock(byteCount: 64 << 10)

  init(_ file: InputFile) throws(MediaFileError) {
    self.file = file
    guard let decoder = JPEGDecoder() else {
      throw MediaFileError(path: file.path, reason: .unsupported("JPEG without memory for a decoder"))
    }
    self.decoder = decoder
    pictures = try Self.index(file)
    guard let first = pictures.first else { throw file.malformed("no whole picture") }
    let picture = try file.bytes(first.count, at: first.lowerBound)
    // The closure can't carry the typed error.
    guard let size = picture.withUnsafeBytes({ decoder.header(of: $0) }) else { throw Self.malformed(file, decoder) }
    // The format has no rate; 30 fps is what cameras give.
    format = CameraFormat(width: size.width, height: size.height, framesPerSecond: 30)
  }

  func next(from pool: VideoFramePool) throws(MediaFileError) -> VideoFrame? {
    let picture = pictures[next]
    next = (next + 1) % pictures.count
    buffer.reserve(picture.count)
    let memory = buffer.prefix(picture.count)
    guard try file.read(into: memory, at: picture.lowerBound) == picture.count else {
      throw file.malformed("it was cut short")
    }
    let bytes = UnsafeRawBufferPointer(memory)
    guard let header = decoder.header(of: bytes) else { throw Self.malformed(file, decoder) }
    guard let frame = pool.vacant(width: header.width, height: header.height) else { return nil }
    // A picture cut short is shown as far as it goes.
    if decoder.decode(bytes, into: frame) == .unreadable { throw Self.malformed(file, decoder) }
    return frame
  }

  private static func malformed(_ file: InputFile, _ decoder: JPEGDecoder) -> MediaFileError {
    file.malformed("a JPEG picture can't be read (\(decoder.reason))")
  }

  func skip(_ count: Int64) {
    next = (next + Int(count % Int64(pictures.count))) % pictures.count
  }

  /// Where the pictures are. Segments with a length are stepped over, so that a thumbnail
  /// inside of one is not taken for a picture (ITU-T T.81, annex B).
  private static func index(_ file: InputFile) throws(MediaFileError) -> [Range<Int64>] {
    var pictures: [Range<Int64>] = []
    var scanner = JPEGScanner(file)
    while pictures.count < maximumPictureCount, let start = try scanner.nextPicture() {
      let picture = start..<scanner.position
      guard picture.count <= maximumPictureSize else {
        throw file.malformed("the picture at byte \(start) is too large")
      }
      pictures.append(picture)
    }
    return pictures
  }
}

/// Finds the JPEG pictures of a file by their markers.
struct JPEGScanner {
  private let file: InputFile
  private var chunk: [UInt8] = []
  private var chunkStart: Int64 = 0
  /// Where the search goes on: after `nextPicture`, the end of that picture.
  private(set) var position: Int64 = 0

  init(_ file: InputFile) {
    self.file = file
  }

  /// The start of the next whole picture; nil when there is none.
  mutating func nextPicture() throws(MediaFileError) -> Int64? {
    guard let start = try find(0xD8) else { return nil }
    // Segments up to the first scan, each with its length.
    while let marker = try byte(at: position + 1), try byte(at: position) == 0xFF {
      if marker == 0xFF {
        position += 1
      } else if marker == 0xDA {
        return try find(0xD9) == nil ? nil : start
      } else if marker == 0xD9 {
        position += 2
        return start
      } else {
        guard let high = try byte(at: position + 2), let low = try byte(at: position + 3) else { return nil }
        position += 2 + max(Int64(high) << 8 | Int64(low), 2)
      }
    }
    return nil
  }

  /// The place of the next marker 0xFF `code`; moves behind it.
  private mutating func find(_ code: UInt8) throws(MediaFileError) -> Int64? {
    while let first = try byte(at: position) {
      if first == 0xFF, try byte(at: position + 1) == code {
        position += 2
        return position - 2
      }
      position += 1
    }
    return nil
  }

  private mutating func byte(at offset: Int64) throws(MediaFileError) -> UInt8? {
    if offset < chunkStart || offset >= chunkStart + Int64(chunk.count) {
      chunk = try file.bytes(64 << 10, at: offset)
      chunkStart = offset
    }
    let index = Int(offset - chunkStart)
    return index < chunk.count ? chunk[index] : nil
  }
}

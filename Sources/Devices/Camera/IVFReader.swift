import Realtime
import Video

/// Reads IVF files with VP8 or VP9 pictures.
final class IVFReader: VideoFileReader {
  /// A larger picture isn't one: far above what 4096 × 2304 pixels take at the best quality.
  private static let maximumFrameSize = 8 << 20

  let format: CameraFormat
  private let file: InputFile
  private let decoder: VideoDecoder
  private var buffer = MemoryBlock(byteCount: 64 << 10)
  private let firstFrame: Int64
  private var offset: Int64

  init(_ file: InputFile) throws(MediaFileError) {
    self.file = file
    let header = try file.bytes(32, at: 0)
    guard header.count == 32, header.littleEndian(4, count: 2) == 0 else {
      throw file.malformed("the header is cut short or of another version")
    }
    if header.has("VP80", at: 8) {
      decoder = VideoDecoder(codec: .vp8)
    } else if header.has("VP90", at: 8) {
      decoder = VideoDecoder(codec: .vp9)
    } else {
      throw file.unsupported("a codec other than VP8 and VP9")
    }
    let (width, height) = (header.littleEndian(12, count: 2), header.littleEndian(14, count: 2))
    guard (1...VideoFile.maximumDimension).contains(width), (1...VideoFile.maximumDimension).contains(height) else {
      throw file.malformed("the size \(width) × \(height) is out of range")
    }
    let (over, under) = (header.littleEndian(16, count: 4), header.littleEndian(20, count: 4))
    let rate = over > 0 && under > 0 ? Double(over) / Double(under) : 30
    // Some writers put the time base's inverse in milliseconds there; then the rate is unknown.
    format = CameraFormat(width: width, height: height, framesPerSecond: (1...120).contains(rate) ? rate : 30)
    firstFrame = Int64(max(header.littleEndian(6, count: 2), 32))
    offset = firstFrame
    guard firstFrame + 12 < file.size else { throw MediaFileError(path: file.path, reason: .empty) }
  }

  func next(from pool: VideoFramePool) throws(MediaFileError) -> VideoFrame? {
    let count = try readFrame()
    let bytes = UnsafeRawBufferPointer(buffer.prefix(count))
    do throws(VideoDecoderError) {
      return try decoder.decode(bytes, into: pool, time: Instant(nanoseconds: 0))
    } catch {
      throw file.malformed("the picture before byte \(offset) can't be decoded (\(error))")
    }
  }

  func skip(_ count: Int64) {
    // Every picture has to be decoded, since the next ones refer to it: a caller that is late sees an older one.
  }

  /// Reads the next picture into `buffer`, from the start again after the last one; gives its size.
  private func readFrame() throws(MediaFileError) -> Int {
    if offset + 12 > file.size {
      offset = firstFrame
      decoder.reset()
    }
    let header = try file.bytes(12, at: offset)
    let count = header.littleEndian(0, count: 4)
    guard header.count == 12, (1...Self.maximumFrameSize).contains(count), offset + 12 + Int64(count) <= file.size
    else { throw file.malformed("no whole picture at byte \(offset)") }
    buffer.reserve(count)
    guard try file.read(into: buffer.prefix(count), at: offset + 12) == count else {
      throw file.malformed("it was cut short")
    }
    offset += 12 + Int64(count)
    return count
  }
}

/// Reads the samples of a WAV file (RIFF WAVE, Microsoft and IBM 1991, with the extensible format of 2001): integers of
/// 8, 16, 24 and 32 bits and floats of 32 and 64 bits, any number of channels up to 64, mixed to one.
final class WAVReader {
  private enum Encoding {
    case unsigned8
    case signed16
    case signed24
    case signed32
    case float32
    case float64

    var size: Int {
      switch self {
      case .unsigned8: 1
      case .signed16: 2
      case .signed24: 3
      case .signed32, .float32: 4
      case .float64: 8
      }
    }
  }

  /// Samples per second.
  let sampleRate: Int
  /// Samples per channel.
  let sampleCount: Int64
  /// Number of channels.
  let channelCount: Int
  private let encoding: Encoding
  private let file: InputFile
  private let start: Int64
  private var position: Int64 = 0
  private let buffer = MemoryBlock(byteCount: 64 * 8 * 64)

  init(path: String) throws(MediaFileError) {
    file = try InputFile(path: path)
    let head = try file.bytes(12, at: 0)
    if head.isEmpty { throw MediaFileError(path: path, reason: .empty) }
    guard head.has("RIFF", at: 0) || head.has("RF64", at: 0), head.has("WAVE", at: 8) else {
      throw MediaFileError(path: path, reason: .unknownFormat)
    }
    let chunks = try Self.chunks(of: file)
    guard let format = chunks.format, format.count >= 16 else { throw file.malformed("there is no format chunk") }
    guard let data = chunks.data else { throw file.malformed("there is no data chunk") }
    channelCount = format.littleEndian(2, count: 2)
    sampleRate = format.littleEndian(4, count: 4)
    guard (1...64).contains(channelCount) else { throw file.unsupported("sound with \(channelCount) channels") }
    encoding = try Self.encoding(format, file)
    start = data.lowerBound
    sampleCount = (data.upperBound - data.lowerBound) / Int64(encoding.size * channelCount)
    guard sampleCount > 0 else { throw MediaFileError(path: path, reason: .empty) }
  }

  /// Fills `samples` with the next ones, the channels' mean, nominally within ±1; begins anew after the last.
  func read(into samples: UnsafeMutableBufferPointer<Float>) throws(MediaFileError) {
    var done = 0
    while done < samples.count {
      if position >= sampleCount { position = 0 }
      let frameSize = encoding.size * channelCount
      let count = min(samples.count - done, buffer.bytes.count / frameSize, Int(sampleCount - position))
      let memory = buffer.prefix(count * frameSize)
      guard try file.read(into: memory, at: start + position * Int64(frameSize)) == memory.count else {
        throw file.malformed("it was cut short")
      }
      for index in 0..<count { samples[done + index] = mean(frame: index) }
      done += count
      position += Int64(count)
    }
  }

  /// Fills the first `count` samples of each channel, `channel(index)`, with the next ones, which must be there.
  func readChannels(
    count: Int, channel: (Int) -> UnsafeMutableBufferPointer<Float>
  ) throws(MediaFileError) {
    let frameSize = encoding.size * channelCount
    var done = 0
    while done < count {
      let piece = min(count - done, buffer.bytes.count / frameSize)
      let memory = buffer.prefix(piece * frameSize)
      guard try file.read(into: memory, at: start + position * Int64(frameSize)) == memory.count else {
        throw file.malformed("it was cut short")
      }
      for index in 0..<channelCount {
        let samples = channel(index)
        for frame in 0..<piece {
          let value = value((frame * channelCount + index) * encoding.size)
          samples[done + frame] = value.isFinite ? value : 0
        }
      }
      done += piece
      position += Int64(piece)
    }
  }

  private func mean(frame index: Int) -> Float {
    var sum: Float = 0
    for channel in 0..<channelCount { sum += value((index * channelCount + channel) * encoding.size) }
    let mean = sum / Float(channelCount)
    return mean.isFinite ? min(max(mean, -4), 4) : 0
  }

  private func value(_ offset: Int) -> Float {
    let buffer = buffer.bytes
    func little<T: FixedWidthInteger>(_: T.Type) -> T {
      T(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
    switch encoding {
    case .unsigned8: return (Float(buffer[offset]) - 128) / 128
    case .signed16: return Float(little(Int16.self)) / 32_768
    case .signed24:
      let low = Int32(buffer[offset]) | Int32(buffer[offset + 1]) << 8
      return Float(low | Int32(Int8(bitPattern: buffer[offset + 2])) << 16) / 8_388_608
    case .signed32: return Float(little(Int32.self)) / 2_147_483_648
    case .float32: return Float(bitPattern: little(UInt32.self))
    case .float64: return Float(Double(bitPattern: little(UInt64.self)))
    }
  }

  private static func encoding(_ format: [UInt8], _ file: InputFile) throws(MediaFileError) -> Encoding {
    var tag = format.littleEndian(0, count: 2)
    // In the extensible format the tag is the first field of the sub-format.
    if tag == 0xFFFE && format.count >= 26 { tag = format.littleEndian(24, count: 2) }
    switch (tag, format.littleEndian(14, count: 2)) {
    case (1, 8): return .unsigned8
    case (1, 16): return .signed16
    case (1, 24): return .signed24
    case (1, 32): return .signed32
    case (3, 32): return .float32
    case (3, 64): return .float64
    case (1, let bits), (3, let bits): throw file.unsupported("samples of \(bits) bits")
    default: throw file.unsupported("the encoding \(tag)")
    }
  }

  /// The format chunk's bytes and where the sound is. A data chunk that claims more than the file has (as in a file that
  /// was never finished) ends with the file.
  private static func chunks(of file: InputFile) throws(MediaFileError) -> (format: [UInt8]?, data: Range<Int64>?) {
    var format: [UInt8]?
    var offset: Int64 = 12
    // A file with more chunks than this in front of its sound is not meant to be played.
    for _ in 0..<1_000 {
      let header = try file.bytes(8, at: offset)
      guard header.count == 8 else { break }
      let size = Int64(header.littleEndian(4, count: 4))
      if header.has("fmt ", at: 0) { format = try file.bytes(Int(min(size, 64)), at: offset + 8) }
      if header.has("data", at: 0) { return (format, offset + 8..<max(min(offset + 8 + size, file.size), offset + 8)) }
      offset += 8 + size + size % 2
    }
    return (format, nil)
  }
}

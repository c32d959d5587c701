/// Writes a WAV file of 16-bit samples at 48 kHz. It appears under its name when finished; until then the partial file's
/// header is brought up to date once a second, so that it can be played even after a power cut.
final class WAVWriter {
  private static let headerSize: Int64 = 44
  /// Sound that a WAV file can hold.
  private static let maximumDataSize: Int64 = 0xFFFF_FFFF - headerSize

  private let file: AtomicFile
  private let channelCount: Int
  private var dataSize: Int64 = 0
  private var sizeInHeader: Int64 = -1
  private var header = [UInt8](repeating: 0, count: Int(headerSize))
  private let buffer: UnsafeMutableBufferPointer<Int16>

  init(path: String, channelCount: Int, blockSampleCount: Int) throws(MediaFileError) {
    self.channelCount = channelCount
    file = try AtomicFile(path: path)
    buffer = .allocate(capacity: channelCount * blockSampleCount)
    buffer.initialize(repeating: 0)
    try updateHeader()
  }

  deinit {
    buffer.deallocate()
  }

  /// Appends one block: `channel(index)` gives the samples of each channel, `blockSampleCount` of them. What the format
  /// has no more room for is dropped.
  func append(count: Int, channel: (Int) -> UnsafeMutableBufferPointer<Float>?) throws(MediaFileError) {
    let count = min(count, buffer.count / channelCount)
    for index in 0..<channelCount {
      let samples = channel(index)
      for sample in 0..<count {
        let value = samples.map { $0[sample] } ?? 0
        let scaled = value.isFinite ? max(min((value * 32_767).rounded(), 32_767), -32_768) : 0
        buffer[sample * channelCount + index] = Int16(scaled).littleEndian
      }
    }
    let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<(count * channelCount * 2)])
    guard dataSize + Int64(bytes.count) <= Self.maximumDataSize else { return }
    try file.write(bytes, at: Self.headerSize + dataSize)
    dataSize += Int64(bytes.count)
    if dataSize - sizeInHeader >= Int64(96_000 * channelCount) { try updateHeader() }
  }

  /// Completes the file and gives it its name.
  func finish() throws(MediaFileError) {
    try updateHeader()
    try file.commit()
  }

  private func updateHeader() throws(MediaFileError) {
    put("RIFF", at: 0)
    put(UInt32(truncatingIfNeeded: Self.headerSize - 8 + dataSize), at: 4)
    put("WAVEfmt ", at: 8)
    put(16 as UInt32, at: 16)
    put(1 as UInt16, at: 20)
    put(UInt16(channelCount), at: 22)
    put(48_000 as UInt32, at: 24)
    put(UInt32(48_000 * channelCount * 2), at: 28)
    put(UInt16(channelCount * 2), at: 32)
    put(16 as UInt16, at: 34)
    put("data", at: 36)
    put(UInt32(truncatingIfNeeded: dataSize), at: 40)
    // The closure of withUnsafeBytes can't carry the typed error.
    var failure: MediaFileError?
    header.withUnsafeBytes { header in
      do throws(MediaFileError) { try file.write(header, at: 0) } catch { failure = error }
    }
    if let failure { throw failure }
    sizeInHeader = dataSize
  }

  private func put(_ text: StaticString, at offset: Int) {
    for index in 0..<text.utf8CodeUnitCount { header[offset + index] = text.utf8Start[index] }
  }

  private func put(_ value: some FixedWidthInteger, at offset: Int) {
    for index in 0..<value.bitWidth / 8 { header[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }
}

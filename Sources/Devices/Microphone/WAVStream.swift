import Audio

/// The sound of a WAV file at 48 kHz as one channel, over and over.
final class WAVStream {
  private let reader: WAVReader
  private let resampler: Resampler?
  private let input: UnsafeMutableBufferPointer<Float>
  private var inputIndex: Int

  /// The file at `path`.
  /// - Throws: what `WAVReader` throws, and for a rate below 8 kHz, above 192 kHz or of no simple ratio to 48 kHz.
  init(path: String) throws(MediaFileError) {
    reader = try WAVReader(path: path)
    resampler = try Self.resampler(for: reader, path)
    input = .allocate(capacity: AudioBlock.sampleCount)
    input.initialize(repeating: 0)
    inputIndex = input.count
  }

  deinit {
    input.deallocate()
  }

  private static func resampler(for reader: WAVReader, _ path: String) throws(MediaFileError) -> Resampler? {
    if reader.sampleRate == AudioBlock.sampleRate { return nil }
    guard let resampler = Resampler(inputRate: reader.sampleRate, outputRate: AudioBlock.sampleRate) else {
      throw MediaFileError(path: path, reason: .unsupported("a rate of \(reader.sampleRate) Hz"))
    }
    return resampler
  }

  /// Fills `samples` with the next ones. Allocates nothing.
  func read(into samples: UnsafeMutableBufferPointer<Float>) throws(MediaFileError) {
    guard let resampler else { return try reader.read(into: samples) }
    var done = 0
    while done < samples.count {
      if inputIndex == input.count {
        try reader.read(into: input)
        inputIndex = 0
      }
      let (consumed, produced) = resampler.convert(
        UnsafeBufferPointer(rebasing: input[inputIndex...]),
        into: UnsafeMutableBufferPointer(rebasing: samples[done...]))
      inputIndex += consumed
      done += produced
    }
  }
}

import Audio

/// Runs the microphone front end over files, block by block as in a call.
public enum FrontEndFiles {
  /// What a run took.
  public struct Outcome: Sendable {
    /// Length of the sound, in seconds.
    public var seconds: Double
    /// By how many milliseconds the output is later than the input.
    public var delayMilliseconds: Double
    /// Time used, as a share of the sound's length, reading and writing files apart.
    public var realTimeFactor: Double
  }

  /// Processes the microphones' file `capture` (one channel per microphone) with what was played, `reference` (one or two
  /// channels), both at 48 kHz, and writes `output`, as long as `capture`. A shorter reference is silent at its end.
  /// - Parameter observe: called after each block.
  public static func process(
    capture: String, reference: String, array: MicrophoneArray, output: String,
    observe: (MicrophoneFrontEnd) -> Void = { _ in }
  ) throws(MediaFileError) -> Outcome {
    let microphones = try MultichannelReader(path: capture)
    let played = try MultichannelReader(path: reference)
    guard microphones.channelCount == array.microphones.count else {
      throw microphones.unsupported(
        "\(microphones.channelCount) channels for a geometry of \(array.microphones.count) microphones")
    }
    guard played.channelCount <= 2 else { throw played.unsupported("more than two loudspeaker channels") }
    let writer = try WAVWriter(path: output, channelCount: 1, blockSampleCount: AudioBlock.sampleCount)
    let frontEnd = MicrophoneFrontEnd(array: array, referenceCount: played.channelCount)
    let input = AudioBlock(channelCount: microphones.channelCount)
    let referenceBlock = AudioBlock(channelCount: played.channelCount)
    let result = AudioBlock(channelCount: 1)
    var busy = Duration.zero
    var remaining = microphones.sampleCount
    let clock = ContinuousClock()
    while remaining > 0 {
      try microphones.read(into: input)
      try played.read(into: referenceBlock)
      busy += clock.measure {
        frontEnd.process(capture: input, reference: referenceBlock, into: result)
      }
      observe(frontEnd)
      let count = Int(min(remaining, Int64(AudioBlock.sampleCount)))
      try writer.append(count: count) { _ in result.channel(0) }
      remaining -= Int64(count)
    }
    try writer.finish()
    let seconds = Double(microphones.sampleCount) / Double(AudioBlock.sampleRate)
    return Outcome(
      seconds: seconds, delayMilliseconds: Double(MicrophoneFrontEnd.latency) / 48,
      realTimeFactor: busy / .seconds(seconds))
  }
}

/// Reads a WAV file at 48 kHz block by block; silence after its end.
private final class MultichannelReader {
  private let reader: WAVReader
  private let path: String
  private var position: Int64 = 0

  var channelCount: Int { reader.channelCount }
  var sampleCount: Int64 { reader.sampleCount }

  init(path: String) throws(MediaFileError) {
    self.path = path
    reader = try WAVReader(path: path)
    guard reader.sampleRate == AudioBlock.sampleRate else { throw unsupported("a rate of \(reader.sampleRate) Hz") }
  }

  func unsupported(_ detail: String) -> MediaFileError { MediaFileError(path: path, reason: .unsupported(detail)) }

  func read(into block: AudioBlock) throws(MediaFileError) {
    let count = Int(min(Int64(AudioBlock.sampleCount), max(0, reader.sampleCount - position)))
    if count < AudioBlock.sampleCount { block.silence() }
    guard count > 0 else { return }
    try reader.readChannels(count: count) { block.channel($0) }
    position += Int64(count)
  }
}

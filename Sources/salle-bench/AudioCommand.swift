import ArgumentParser
import Audio
import Devices

/// What a block costs the audio thread: time, memory, locks and reference counts.
struct AudioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audio",
    abstract: "Deadline misses, allocations, locks and reference counts per block of the audio thread.",
    discussion: """
      Runs the audio pipeline with ALSA devices, or with stand-ins that keep time as devices do, while coded sound of
      several participants arrives. Nothing else runs in the process, so that all that is counted is the audio thread's.
      Then the microphones' front end alone, with 8 and 16 microphones and a stereo reference. Ends with an error if
      anything was allocated, locked, retained or released.
      """)

  @Option(help: ArgumentHelp("ALSA microphones; a stand-in if left out.", valueName: "card,device"))
  var capture: String?

  @Option(help: ArgumentHelp("ALSA loudspeaker; a stand-in if left out.", valueName: "card,device"))
  var playback: String?

  @Option(help: "Seconds that are measured, after three that aren't.")
  var seconds = 10

  @Option(help: "Participants who are heard.")
  var streams = 4

  @Flag(help: "Leave the front end out of the audio thread.")
  var plain = false

  @Option(
    help: ArgumentHelp("A Python with livekit and numpy, to measure WebRTC's canceller too.", valueName: "program"))
  var python: String?

  @Option(help: "Run so many hours of sound through the front end instead, and compare the end with the beginning.")
  var hours: Double?

  @Option(
    help: ArgumentHelp(
      "Print the acoustic benchmark's scores (score.py --json) as a table instead.", valueName: "file"))
  var scores: String?

  func run() throws {
    if let scores { return print(try AcousticScores(contentsOf: scores).table) }
    if let hours { return try runLong(hours) }
    let bench = try AudioBenchmark(
      capture: try capture.map(Self.address), playback: try playback.map(Self.address),
      streamCount: min(max(0, streams), 100), processing: plain ? .off : .on)
    try bench.run(blocks: 300)
    let figures = try bench.run(blocks: min(max(1, seconds), 3_600) * 100)
    print(figures)
    var isClean = figures.isClean
    if !plain { isClean = try runFrontEnd() && isClean }
    if !isClean { throw ExitCode.failure }
  }

  /// - Returns: whether nothing was allocated or locked.
  private func runFrontEnd() throws -> Bool {
    let length = min(max(1, seconds), 3_600)
    // The other's first, so that both find the processor alike.
    let reference = try python.map { try WebRTCReference.cost(python: $0, seconds: length) }
    if let reference {
      print("AEC3, one microphone: \(FrontEndBenchmark.figure(reference)) processor seconds a second")
    }
    var isClean = true
    for count in [8, 16] {
      let figures = try FrontEndBenchmark(microphoneCount: count, seconds: length)
      print(figures)
      if let reference { print("  \((figures.cost / reference * 10).rounded() / 10) times AEC3's for one microphone") }
      isClean = isClean && figures.isClean
    }
    return isClean
  }

  private func runLong(_ hours: Double) throws {
    let figures = try FrontEndBenchmark(microphoneCount: 8, seconds: Int(min(max(hours, 0.01), 100) * 3_600))
    print(figures)
    if !figures.isClean || figures.lastTenth > 1.3 * figures.firstTenth { throw ExitCode.failure }
  }

  private static func address(_ text: String) throws -> PCMAddress {
    let numbers = text.split(separator: ",").compactMap { Int($0) }
    guard numbers.count == 2 else { throw ValidationError("a device is written CARD,DEVICE: 1,0") }
    return PCMAddress(card: numbers[0], device: numbers[1])
  }
}

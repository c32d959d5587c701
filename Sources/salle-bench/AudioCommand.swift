import ArgumentParser
import Devices

/// What a block costs the audio thread: time, memory, locks and reference counts.
struct AudioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audio",
    abstract: "Deadline misses, allocations, locks and reference counts per block of the audio thread.",
    discussion: """
      Runs the audio pipeline with ALSA devices, or with stand-ins that keep time as devices do, while coded sound of
      several participants arrives. Nothing else runs in the process, so that all that is counted is the audio thread's.
      Ends with an error if anything was allocated, locked, retained or released.
      """)

  @Option(help: ArgumentHelp("ALSA microphones; a stand-in if left out.", valueName: "card,device"))
  var capture: String?

  @Option(help: ArgumentHelp("ALSA loudspeaker; a stand-in if left out.", valueName: "card,device"))
  var playback: String?

  @Option(help: "Seconds that are measured, after three that aren't.")
  var seconds = 10

  @Option(help: "Participants who are heard.")
  var streams = 4

  func run() throws {
    let bench = try AudioBenchmark(
      capture: try capture.map(Self.address), playback: try playback.map(Self.address),
      streamCount: min(max(0, streams), 100))
    try bench.run(blocks: 300)
    let figures = try bench.run(blocks: min(max(1, seconds), 3_600) * 100)
    print(figures)
    if !figures.isClean { throw ExitCode.failure }
  }

  private static func address(_ text: String) throws -> PCMAddress {
    let numbers = text.split(separator: ",").compactMap { Int($0) }
    guard numbers.count == 2 else { throw ValidationError("a device is written CARD,DEVICE: 1,0") }
    return PCMAddress(card: numbers[0], device: numbers[1])
  }
}

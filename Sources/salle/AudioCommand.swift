import ArgumentParser
import Audio
import Devices

/// `salle audio`.
struct AudioCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audio",
    abstract: "Works with the microphones' front end without a meeting.",
    subcommands: [AudioProcessCommand.self, AudioCalibrateCommand.self])
}

/// `salle audio process`.
struct AudioProcessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "process",
    abstract: "Runs the front end over files, as in a call, and prints its delay and real-time factor as JSON.",
    discussion: ExitStatus.hint)

  @Option(help: ArgumentHelp("What the microphones heard: a WAV file at 48 kHz, one channel each.", valueName: "file"))
  var mic: String

  @Option(help: ArgumentHelp("What the loudspeakers played: a WAV file at 48 kHz, mono or stereo.", valueName: "file"))
  var ref: String

  @Option(help: ArgumentHelp("The microphones' positions: JSON with array.mics_m, in metres.", valueName: "file"))
  var geometry: String

  @Option(help: ArgumentHelp("Where the result goes: a mono WAV file.", valueName: "file"))
  var out: String

  func run() throws {
    do {
      let outcome = try FrontEndFiles.process(
        capture: mic, reference: ref, array: MicrophoneArray(contentsOf: geometry), output: out)
      Terminal.say(
        "{\"delay_ms\": \(outcome.delayMilliseconds), \"real_time_factor\": \(outcome.realTimeFactor), "
          + "\"audio_s\": \(outcome.seconds)}")
    } catch {
      Terminal.complain("\(error)")
      throw ExitStatus.deviceUnusable.code
    }
  }
}

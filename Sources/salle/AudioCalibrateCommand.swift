import ArgumentParser
import Audio
import Catalogue
import Devices

/// `salle audio calibrate`.
struct AudioCalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Plays a sweep through the loudspeaker, measures the room, and stores its profile, which join uses.",
    discussion: """
      Prints delay, reverberation time, distortion and the microphones' differences as JSON. Nobody should speak or move
      meanwhile; the loudspeaker is best as loud as it is in meetings.

      \(ExitStatus.hint)
      """)

  @Option(help: "The microphone: \(DeviceWishes.forms).") var microphone: String?

  @Option(help: "The loudspeaker: \(DeviceWishes.forms).") var speaker: String?

  @Option(help: ArgumentHelp("The microphones' positions, if no array's description has them.", valueName: "file"))
  var geometry: String?

  @Option(help: ArgumentHelp("Where the profile goes.", valueName: "file")) var out = RoomProfile.path

  @Option(help: "The sweep's peak, -60 to -1 dBFS.") var level = -12.0

  @Option(help: "The sweep's length, 1 to 8 seconds.") var seconds = 4.0

  @Option(help: "The language of the messages: fr or en.") var language = Language.french

  func validate() throws {
    guard (-60...(-1)).contains(level) else { throw ValidationError("a sweep's level is -60 to -1 dBFS") }
    guard (1...8).contains(seconds) else { throw ValidationError("a sweep takes 1 to 8 seconds") }
    for text in [microphone, speaker].compactMap({ $0 }) where DeviceRule(text) == nil {
      throw ValidationError("“\(text)” names no device")
    }
  }

  func run() throws {
    do {
      let room = try DeviceMeasurement(
        microphone: microphone.flatMap { DeviceRule($0) }, loudspeaker: speaker.flatMap { DeviceRule($0) },
        geometry: geometry)
      // The sentence isn't part of the result, which programs read.
      Terminal.complain(
        CalibrationSentences.measuring(microphone: room.microphoneName, loudspeaker: room.loudspeakerName)[language])
      let profile = try room.measure(ExponentialSweep(seconds: seconds, level: level))
      try profile.write(to: out)
      Terminal.say(String(decoding: profile.json().dropLast(), as: UTF8.self))
      Terminal.complain(CalibrationSentences.written(path: out)[language])
    } catch {
      complain(error)
      throw ExitStatus.deviceUnusable.code
    }
  }

  private func complain(_ error: any Error) {
    switch error {
    case DeviceMeasurement.Failure.noDevice: Terminal.complain(CalibrationSentences.noDevice[language])
    case RoomCalibration.Failure.lost: Terminal.complain(CalibrationSentences.lost[language])
    case RoomCalibration.Failure.unusable(.nothingHeard(let ratio)):
      Terminal.complain("\(CalibrationSentences.nothingHeard[language]) (\(ratio) dB)")
    case RoomCalibration.Failure.unusable(.overloaded(let microphone)):
      Terminal.complain("\(CalibrationSentences.overloaded[language]) (\(microphone + 1))")
    default: Terminal.complain("\(error)")
    }
  }
}

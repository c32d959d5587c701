import ArgumentParser
import Devices

/// Which devices are asked for, on a command line.
struct DeviceWishes: ParsableArguments {
  /// As the help of each option says it.
  static let forms = "usb:VENDOR:PRODUCT[:SERIAL], path:PLACE or a node; else the best one"

  @Option(help: "The camera: \(forms).") var camera: String?
  @Option(help: "The presentation input: \(forms).") var presentation: String?
  @Option(help: "The microphone: \(forms).") var microphone: String?
  @Option(help: "The loudspeaker: \(forms).") var speaker: String?
  @Option(help: "The screen: display:MAKER-PRODUCT[-SERIAL], \(forms).") var screen: String?

  func validate() throws {
    for text in [camera, presentation, microphone, speaker, screen].compactMap({ $0 }) where DeviceRule(text) == nil {
      throw ValidationError("“\(text)” names no device")
    }
  }

  /// What is asked for in `role`.
  func rules(_ role: DeviceRole) -> [DeviceRule] {
    let text =
      switch role {
      case .camera: camera
      case .presentation: presentation
      case .microphone: microphone
      case .loudspeaker: speaker
      case .screen: screen
      }
    return text.flatMap { DeviceRule($0) }.map { [$0] } ?? []
  }
}

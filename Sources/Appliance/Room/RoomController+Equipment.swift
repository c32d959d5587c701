import Catalogue
import Control

extension RoomController {
  /// Tells what is plugged in, shares what is to be shared by itself, and takes faults to the state machine.
  func lookAtEquipment() async {
    let report = equipment.report
    for fault in RoomFault.allCases where fault != .settings {
      if report.faults.contains(fault) != machine.faults.contains(fault) {
        handle(report.faults.contains(fault) ? .failed(fault) : .recovered(fault))
      }
    }
    for (index, input) in report.inputs.enumerated() {
      let place = "Video Input Connector \(index + 1) "
      tell([
        (place + "Connected", .trueFalse(input.isConnected)),
        (place + "SignalState", .literal(input.hasSignal ? "OK" : "NotFound")),
      ])
    }
    tell([("Video Input MainVideoSource", report.mainCamera.map { .integer($0) })])
    // Those that were there when the room was looked at before.
    for number in report.cameras.count..<max(facts.equipment.cameras.count, report.cameras.count) {
      publisher.tell(.removal("Cameras Camera \(number + 1)"))
    }
    for (index, camera) in report.cameras.prefix(Self.cameraLimit).enumerated() {
      let place = "Cameras Camera \(index + 1) "
      tell([(place + "Connected", .trueFalse(camera.isConnected)), (place + "Model", .name(camera.model))])
      let position = equipment.camera(index + 1)?.position
      tell([
        (place + "Position Pan", position.map { .integer(Self.tenThousandths($0.pan)) }),
        (place + "Position Tilt", position.map { .integer(Self.tenThousandths($0.tilt)) }),
        (place + "Position Zoom", position.map { .integer(max(0, Self.tenThousandths($0.zoom))) }),
      ])
    }
    for (index, output) in report.outputs.enumerated() {
      let place = "Video Output Connector \(index + 1) "
      tell([
        (place + "Connected", .trueFalse(output.isConnected)),
        (place + "ConnectedDevice Name", .name(output.name)),
        (place + "Resolution Width", .integer(min(max(output.width, 0), 16_384))),
        (place + "Resolution Height", .integer(min(max(output.height, 0), 16_384))),
      ])
    }
    await tellDiagnostics(report)
    await shareInputs(report)
  }

  /// As many as the control tree has numbers for.
  private static let cameraLimit = 7

  private static func tenThousandths(_ part: Double) -> Int {
    part.isFinite ? Int((min(max(part, -1), 1) * 10_000).rounded()) : 0
  }

  /// Drives the screens as the settings say it now.
  func configureScreens() async {
    for index in screenPreferences.indices {
      let place = "Video Output Connector \(index + 1) "
      let preferences = ScreenPreferences(
        resolution: await setting(place + "Resolution")?.text,
        overscanLevel: await setting(place + "OverscanLevel")?.text,
        colorRange: await setting(place + "RGBQuantizationRange")?.text)
      guard preferences != screenPreferences[index] else { continue }
      screenPreferences[index] = preferences
      equipment.configureScreen(index + 1, preferences)
    }
  }

  /// An input is shared when its signal comes, or is there when the room joins; and no longer than that.
  private func shareInputs(_ report: EquipmentReport) async {
    let signals = Set(report.inputs.indices.filter { report.inputs[$0].hasSignal }.map { $0 + 1 })
    guard machine.state == .inMeeting, let meeting = call?.meeting else { return }
    let (new, gone) = (signals.subtracting(inputsWithSignal), inputsWithSignal.subtracting(signals))
    inputsWithSignal = signals
    if !gone.isEmpty, call?.roster?.own.isPresenting == true { await meeting.stopPresentation() }
    for input in new.sorted() {
      guard await setting("Video Input Connector \(input) PresentationSelection") == .literal("AutoShare") else {
        continue
      }
      // Refused, or too early: again the next time.
      if (try? await meeting.startPresentation(input: input)) == nil { inputsWithSignal.remove(input) }
      return
    }
  }

  private func tellDiagnostics(_ report: EquipmentReport) async {
    let language = await language
    facts.faults = machine.faults
    facts.equipment = report
    facts.isAwake = machine.state != .standby
    if let path = ControlPath("Bookings Calendar Status") {
      facts.calendar = await center.value(.status, path)?.text ?? "Off"
    }
    for change in diagnostics.update(facts, at: clock(), language) {
      switch change {
      case .began(let number, let diagnostic, let text):
        let place = "Diagnostics Message \(number) "
        tell([
          (place + "Type", .string(diagnostic.rawValue)), (place + "Level", .literal(diagnostic.level.rawValue)),
          (place + "Description", .string(text.tame(1_024))),
        ])
        try? storage?.beginDiagnostic(diagnostic.rawValue, level: diagnostic.level.rawValue, at: WallTime.seconds)
      case .ended(let number, let diagnostic):
        publisher.tell(.removal("Diagnostics Message \(number)"))
        try? storage?.endDiagnostic(diagnostic.rawValue, at: WallTime.seconds)
      }
    }
  }

  /// Takes over how things stand with the computer.
  public func setSystem(_ facts: SystemFacts) { self.facts.system = facts }

  /// Takes over how things stand with the network.
  public func setNetwork(_ facts: NetworkFacts) { self.facts.network = facts }

  /// Takes over whether somebody can sign in; nil where nobody needs to.
  public func setPassword(isSet: Bool?) { facts.hasPassword = isSet }
}

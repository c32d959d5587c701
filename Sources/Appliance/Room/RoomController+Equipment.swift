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
    for (index, camera) in report.cameras.enumerated() {
      let place = "Cameras Camera \(index + 1) "
      tell([(place + "Connected", .trueFalse(camera.isConnected)), (place + "Model", .name(camera.model))])
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
    let isFrench = await setting("UserInterface Language") != .literal("English")
    for change in diagnostics.update(
      faults: machine.faults, cameraIsMissing: report.cameras.contains { !$0.isConnected }, isFrench: isFrench)
    {
      switch change {
      case .began(let number, let diagnostic, let text):
        let place = "Diagnostics Message \(number) "
        tell([
          (place + "Type", .string(diagnostic.rawValue)), (place + "Level", .literal(diagnostic.level)),
          (place + "Description", .string(text.tame(1_024))),
        ])
        try? storage?.beginDiagnostic(diagnostic.rawValue, level: diagnostic.level, at: WallTime.seconds)
      case .ended(let number, let diagnostic):
        publisher.tell(.removal("Diagnostics Message \(number)"))
        try? storage?.endDiagnostic(diagnostic.rawValue, at: WallTime.seconds)
      }
    }
  }
}

import Catalogue
import Control
import Realtime

extension RoomController {
  /// Does a command. When it returns, the tree's states have changed with it.
  func perform(_ command: RoomCommand, _ call: ControlCall) async throws(ControlError) -> [ControlLeaf] {
    // Somebody is there.
    if machine.state == .idle { handle(.presence) }
    let results: [ControlLeaf]
    do throws(ControlError) {
      results = try await result(of: command, call)
    } catch {
      await settle()
      throw error
    }
    await settle()
    return results
  }

  private func result(of command: RoomCommand, _ call: ControlCall) async throws(ControlError) -> [ControlLeaf] {
    switch command {
    case .dial:
      return [ControlLeaf(ControlPath([.init("CallId")]), .integer(try await dial(call.text("Number") ?? "")))]
    case .disconnect: try disconnect(call.integer("CallId"))

    case .setVolume: await setVolume(call.integer("Level") ?? volume)
    case .increaseVolume: await setVolume(volume + (call.integer("Steps") ?? Self.volumeSteps))
    case .decreaseVolume: await setVolume(volume - (call.integer("Steps") ?? Self.volumeSteps))
    case .muteVolume: await setVolumeMuted(true)
    case .unmuteVolume: await setVolumeMuted(false)
    case .toggleVolume: await setVolumeMuted(!isVolumeMuted)
    case .muteMicrophones: try await setMicrophoneMuted(true)
    case .unmuteMicrophones: try await setMicrophoneMuted(false)
    case .toggleMicrophones: try await setMicrophoneMuted(!isMicrophoneMuted)

    case .muteVideo: try await setCameraMuted(true)
    case .unmuteVideo: try await setCameraMuted(false)
    case .selectCamera:
      guard equipment.selectCamera(call.integer("SourceId") ?? 1) else { throw .failed(reason: "No such camera") }
      await lookAtEquipment()
    case .setSelfView: try await setSelfView(call)
    case .setLayout: await setLayout(RoomLayout(rawValue: call.text("LayoutName") ?? ""))
    case .setLayoutFamily:
      let family = call.text("LayoutFamily")
      await setLayout(RoomLayout.allCases.first { $0.family == family })
    case .startPresentation: try await startPresentation(call)
    case .stopPresentation: await currentMeeting?.stopPresentation()

    case .rampCamera: try ramp(call)
    case .activatePreset: try activatePreset(call)
    case .storePreset: return try storePreset(call)
    case .removePreset: try removePreset(call)
    case .listPresets: return presetList

    case .activateStandby: try activateStandby()
    case .deactivateStandby: await wake(isHalf: false)
    case .halfwake: await wake(isHalf: true)
    case .resetStandbyTimer: standbyNotBefore = clock() + .seconds(60 * (call.integer("Delay") ?? 1))

    case .raiseHand: try await inMeeting { meeting throws(CallFailure) in try await meeting.setHandRaised(true) }
    case .lowerHand: try await inMeeting { meeting throws(CallFailure) in try await meeting.setHandRaised(false) }
    case .react:
      let reaction = call.text("Reaction") ?? ""
      try await inMeeting { meeting throws(CallFailure) in try await meeting.sendReaction(reaction) }
    case .chat:
      let text = call.text("Text") ?? ""
      try await inMeeting { meeting throws(CallFailure) in try await meeting.sendChat(text) }

    case .connectPeripheral: try connectPeripheral(call)
    case .hearPeripheral: try hearPeripheral(call)
    case .boot: try await boot(shutsDown: call.text("Action") == "Shutdown")

    case .displayAlert: try await displayAlert(call)
    case .clearAlert: await clearAlert()
    }
    return []
  }

  private static let volumeSteps = 5

  /// Leaves the meeting, and restarts the machine or turns it off.
  private func boot(shutsDown: Bool) async throws(ControlError) {
    await stop()
    do throws(CallFailure) {
      try equipment.restart(shutsDown: shutsDown)
    } catch {
      throw .failed(reason: error.reason)
    }
  }

  // MARK: Calls

  private func dial(_ number: String) async throws(ControlError) -> Int {
    var wishes = CallWishes()
    wishes.name = await setting("SystemUnit Name")?.text ?? ""
    wishes.isFrench = await language == .french
    wishes.isMicrophoneMuted = isMicrophoneMuted
    wishes.isCameraMuted = isCameraMuted
    wishes.layout = layout
    wishes.isSelfViewShown = isSelfViewShown
    // Asked of a copy first: whoever can't join needn't know whether the number is one.
    var trial = machine
    for case .refuse(let reason) in trial.handle(.dial(number)) { throw reason.error }
    let meeting: any MeetingControlling
    do throws(CallFailure) {
      meeting = try await joiner.meeting(number, wishes: wishes)
    } catch {
      throw .failed(reason: error.reason)
    }
    // Meanwhile somebody else may have dialled.
    if let reason = handle(.dial(number)) { throw reason.error }
    try? storage?.noteRoom(number, at: WallTime.seconds)
    return begin(meeting, dialled: number)
  }

  private func disconnect(_ number: Int?) throws(ControlError) {
    if let number, number != call?.number { throw .failed(reason: "Unknown call") }
    if let reason = handle(.hangUp) { throw reason.error }
  }

  /// The meeting that the room is in, or on its way into.
  var currentMeeting: (any MeetingControlling)? {
    machine.state.hasMeeting && machine.state != .leaving ? call?.meeting : nil
  }

  private func inMeeting(
    _ body: (any MeetingControlling) async throws(CallFailure) -> Void
  ) async throws(ControlError) {
    guard [.inMeeting, .reconnecting].contains(machine.state), let meeting = call?.meeting else {
      throw .failed(reason: "No active call")
    }
    do throws(CallFailure) {
      try await body(meeting)
    } catch {
      throw .failed(reason: error.reason)
    }
  }

  // MARK: Sound

  private func setVolume(_ percent: Int) async {
    volume = min(max(percent, 0), 100)
    await showVolume()
  }

  private func setVolumeMuted(_ isMuted: Bool) async {
    isVolumeMuted = isMuted
    await showVolume()
  }

  /// Sets it, and shows it to those who hear it.
  private func showVolume() async {
    tellVolume()
    await currentMeeting?.showVolume(isVolumeMuted ? 0 : volume)
  }

  func tellVolume() {
    equipment.setVolume(volume, isMuted: isVolumeMuted)
    tell([("Audio Volume", .integer(volume)), ("Audio VolumeMute", .onOff(isVolumeMuted))])
  }

  func useDefaultVolume() async {
    if case .integer(let percent)? = await setting("Audio DefaultVolume") { volume = percent }
    tellVolume()
  }

  // Outside of a meeting it counts for the next.
  private func setMicrophoneMuted(_ isMuted: Bool) async throws(ControlError) {
    isMicrophoneMuted = isMuted
    tellMutes()
    do throws(CallFailure) {
      try await currentMeeting?.setMicrophoneMuted(isMuted)
    } catch {
      // The room is muted whatever the server knows of it; but it isn't heard as long as that believes it muted.
      if !isMuted { throw .failed(reason: error.reason) }
    }
  }

  // MARK: Picture

  private func setCameraMuted(_ isMuted: Bool) async throws(ControlError) {
    isCameraMuted = isMuted
    tellMutes()
    do throws(CallFailure) {
      try await currentMeeting?.setCameraMuted(isMuted)
    } catch {
      if !isMuted { throw .failed(reason: error.reason) }
    }
  }

  private func setSelfView(_ call: ControlCall) async throws(ControlError) {
    // The layout has one corner for it.
    guard call.text("FullscreenMode") != "On", [nil, "LowerRight"].contains(call.text("PIPPosition")) else {
      throw .failed(reason: "Not supported")
    }
    guard let mode = call.text("Mode") else { return }
    isSelfViewShown = mode == "On"
    await currentMeeting?.setSelfViewShown(isSelfViewShown)
    tell([("Video Selfview Mode", .onOff(isSelfViewShown))])
  }

  private func setLayout(_ layout: RoomLayout?) async {
    guard let layout else { return }
    self.layout = layout
    await currentMeeting?.setLayout(layout)
    tell([
      ("Video Layout CurrentLayouts ActiveLayout", .literal(layout.rawValue)),
      ("Video Layout LayoutFamily Local", .literal(layout.family)),
    ])
  }

  private func startPresentation(_ call: ControlCall) async throws(ControlError) {
    guard call.text("SendingMode") != "LocalOnly" else { throw .failed(reason: "Not supported") }
    let inputs = equipment.report.inputs
    let wanted = call.integer("ConnectorId") ?? call.integer("PresentationSource")
    guard let input = wanted ?? inputs.firstIndex(where: \.hasSignal).map({ $0 + 1 }) else {
      throw .failed(reason: "No signal")
    }
    guard inputs.indices.contains(input - 1), inputs[input - 1].hasSignal else { throw .failed(reason: "No signal") }
    try await inMeeting { meeting throws(CallFailure) in try await meeting.startPresentation(input: input) }
  }

  // MARK: The screen's messages

  private func displayAlert(_ call: ControlCall) async throws(ControlError) {
    // Without a meeting the screen shows nothing that a message could stand on yet.
    guard let meeting = currentMeeting else { throw .notReady }
    let text = [call.text("Title"), call.text("Text")].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " : ")
    let seconds = call.integer("Duration") ?? 0
    alert = (text, seconds == 0 ? nil : clock() + .seconds(seconds))
    await meeting.setMessage(text)
  }

  func clearAlert() async {
    guard alert != nil else { return }
    alert = nil
    await currentMeeting?.setMessage(nil)
    publisher.tell(.event("UserInterface Message Alert Cleared", []))
  }
}

extension RoomRefusal {
  /// As control systems are told.
  var error: ControlError {
    switch self {
    case .starting: .notReady
    case .busy: .failed(reason: "Call already active")
    case .noMeeting: .failed(reason: "No active call")
    case .fault(let fault): .failed(reason: "Room out of order: \(fault)")
    }
  }
}

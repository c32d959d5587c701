import Appliance
import Audio
import Devices
import Glibc
import Realtime
import Video

/// The devices as the room's controller uses them between and beside meetings.
extension MeetingDevices: RoomEquipment {
  /// How much a step of the volume changes, in decibels: from 1 to 100 it is a range that a room needs.
  private static let volumeStep = 0.3

  func setVolume(_ percent: Int, isMuted: Bool) {
    let decibels = Double(percent - 100) * Self.volumeStep
    pipeline.playbackVolume = isMuted || percent == 0 ? 0 : Float(pow(10, decibels / 20))
  }

  func setScreenAwake(_ isAwake: Bool) {
    room?.setDisplaysAwake(isAwake)
  }

  func configureScreen(_ number: Int, _ preferences: ScreenPreferences) {
    let screen = number == 1 ? room?.screen : room?.contentScreen
    guard let room, let screen else { return }
    screen.apply(KMSSettings(preferences, modes: room.modePolicy))
  }

  func restart(shutsDown: Bool) throws(CallFailure) {
    // Who tries a room out on a desk doesn't want to lose it.
    guard usesDevices else { throw CallFailure("Not available") }
    try MachinePower.restart(shutsDown: shutsDown)
  }

  func selectCamera(_ number: Int) -> Bool { room?.selectCamera(number - 1) ?? false }

  func camera(_ number: Int) -> (any CameraControlling)? {
    // Only the one that is in use can be moved.
    number - 1 == room?.cameraList.used ?? 0 ? room?.camera : nil
  }

  func show(_ view: RoomView?) {
    for screen in roomViews {
      if let view { screen.show(view) } else { screen.hide() }
    }
  }

  var report: EquipmentReport {
    var report = EquipmentReport()
    if room?.presentation != nil {
      let isReady = room?.isPresentationReady ?? false
      report.inputs = [.init(isConnected: isReady, hasSignal: isReady)]
    }
    if let room, let camera = room.camera?.status {
      let (names, used) = room.cameraList
      report.cameras = names.map { .init(condition: .showing, model: $0) }
      report.mainCamera = used.map { $0 + 1 }
      // What is wrong shows with the first meeting, which opens it.
      if let used, camera.openings > 0 {
        report.cameras[used].condition = camera.condition.reported
      } else if used == nil {
        report.cameras.append(.init(condition: .disconnected, model: ""))
      }
    }
    if let status = room?.screen?.status {
      report.outputs = [
        .init(
          isConnected: status.display != nil, name: status.display.map { "\($0)" } ?? "",
          width: screen?.mode.width ?? 0, height: screen?.mode.height ?? 0)
      ]
      report.outputs[0].isAsleep = room?.isDisplayAsleep ?? false
    } else if let mode = headless?.mode {
      report.outputs = [.init(isConnected: true, name: "browser", width: mode.width, height: mode.height)]
    }
    report.sound = soundReport
    if let sound = room?.soundReport, sound.capture.state.isMissing, sound.playback.state.isMissing {
      report.faults = [.sound]
    }
    return report
  }
}

extension KMSSettings {
  /// What `preferences` ask for; `modes` is what suits this machine otherwise.
  fileprivate init(_ preferences: ScreenPreferences, modes: KMSModePolicy) {
    var modes = modes
    if let mode = preferences.mode {
      modes.size = .init(width: mode.width, height: mode.height)
      let rate = Double(mode.refreshRate)
      modes.refreshRates = [rate] + modes.refreshRates.filter { $0 != rate }
    }
    let edge = preferences.hiddenEdge
    let range: ColorRange =
      switch preferences.colorRange {
      case .automatic: .automatic
      case .full: .full
      case .limited: .limited
      }
    self.init(
      modes: modes, margins: Margins(left: edge, top: edge, right: edge, bottom: edge), colorRange: range)
  }
}

extension MeetingDevices {
  private var soundReport: EquipmentReport.Sound? {
    guard let devices = room?.soundReport else { return nil }
    let statistics = pipeline.currentStatistics
    let frontEnd = statistics.frontEnd
    var sound = EquipmentReport.Sound()
    sound.microphone = devices.capture.state.reported
    sound.loudspeaker = devices.playback.state.reported
    sound.isListening = statistics.hasFrontEnd != 0
    sound.level = frontEnd.captureLevel
    sound.isOverloaded = !frontEnd.overloadedMicrophones.isEmpty
    sound.faultyCount = frontEnd.faultyMicrophones.count
    sound.isHowling = frontEnd.howlFrequency != nil
    sound.isPlaying = !frontEnd.isReferenceSilent
    sound.echoReduction = frontEnd.echoDelayMilliseconds == nil ? nil : frontEnd.echoReturnLossEnhancement
    sound.isLate = lateness.isLate(statistics.captureOverruns + statistics.playbackUnderruns, at: MonotonicClock.now)
    return sound
  }
}

extension RoomCamera.Condition {
  /// As the room's controller knows it.
  fileprivate var reported: EquipmentReport.Camera.Condition {
    switch self {
    // An input without signal is no fault.
    case .showing, .noSignal: .showing
    case .disconnected: .disconnected
    case .shutterClosed: .covered
    case .busy: .busy
    case .failing: .failing
    }
  }
}

extension SoundDeviceState {
  /// As the room's controller knows it.
  fileprivate var reported: EquipmentReport.Sound.Condition {
    switch self {
    case .unwanted: .unwanted
    case .absent: .missing
    case .open: .fine
    case .failed: .unusable
    }
  }

  /// Whether it is wished, and doesn't run.
  fileprivate var isMissing: Bool {
    switch self {
    case .absent, .failed: true
    case .unwanted, .open: false
    }
  }
}

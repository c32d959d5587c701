import Appliance
import Audio
import Devices
import Glibc
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
    // A display that is gone will be on when it comes back.
    try? room?.screen?.setPower(isAwake)
    try? room?.contentScreen?.setPower(isAwake)
  }

  func showIdle(_ text: String) {
    for (screen, text) in [(screen, text), (room?.contentScreen, nil)] as [((any ScreenSink)?, String?)] {
      guard let screen else { continue }
      let mode = screen.mode
      let canvas = Canvas(width: mode.width, height: mode.height)
      let compositor = Compositor(width: mode.width, height: mode.height)
      compositor.update(Arrangement(), models: [], banner: text)
      _ = compositor.compose(into: canvas)
      var damage = Damage()
      damage.add(canvas.bounds)
      // A screen that isn't there shows nobody's picture either.
      _ = try? screen.present(canvas, damage: damage)
    }
  }

  var report: EquipmentReport {
    var report = EquipmentReport()
    if room?.presentation != nil {
      let isReady = room?.isPresentationReady ?? false
      report.inputs = [.init(isConnected: isReady, hasSignal: isReady)]
    }
    // A camera that has never been opened isn't known to be missing: it is opened with the first meeting.
    if let camera = room?.camera?.status, camera.openings > 0 {
      report.cameras = [.init(isConnected: camera.condition == .showing, model: camera.node ?? "")]
    }
    if let status = room?.screen?.status {
      report.outputs = [
        .init(
          isConnected: status.display != nil, name: status.display.map { "\($0)" } ?? "",
          width: screen?.mode.width ?? 0, height: screen?.mode.height ?? 0)
      ]
    } else if let mode = headless?.mode {
      report.outputs = [.init(isConnected: true, name: "browser", width: mode.width, height: mode.height)]
    }
    if let sound = room?.soundReport, sound.capture.state.isMissing, sound.playback.state.isMissing {
      report.faults = [.sound]
    }
    return report
  }
}

extension SoundDeviceState {
  /// Whether it is wished, and doesn't run.
  fileprivate var isMissing: Bool {
    switch self {
    case .absent, .failed: true
    case .unwanted, .open: false
    }
  }
}

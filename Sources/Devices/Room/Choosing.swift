import Synchronization

/// Chooses among the devices that are there, and keeps to what it has chosen while that is there.
final class Choosing: Sendable {
  private let rules: [DeviceRole: [DeviceRule]]
  private let camera: RoomCamera?
  private let presentation: RoomCamera?
  /// What is used for each role, as the last of the wishes: a better device that is plugged in during a meeting waits for
  /// the next one.
  private let used = Mutex<[DeviceRole: DeviceRule]>([:])
  private let presentationNode = Mutex<String?>(nil)
  /// The cameras that are there, and the one that somebody in the room has chosen.
  private let cameras = Mutex((found: [FoundCamera](), chosen: DeviceRule?.none))

  private struct FoundCamera {
    let name: String
    let rule: DeviceRule
    let place: CameraPlace
  }

  init(rules: [DeviceRole: [DeviceRule]], camera: RoomCamera?, presentation: RoomCamera?) {
    self.rules = rules
    self.camera = camera
    self.presentation = presentation
  }

  /// Looks at the cameras and inputs that are there, and gives them to the room.
  func chooseCameras() {
    guard camera != nil || presentation != nil else { return }
    let devices = CaptureDevice.all()
    choose(.camera, devices, for: camera)
    choose(.presentation, devices, for: presentation)
    camera?.devicesChanged()
    presentation?.devicesChanged()
  }

  private func choose(_ role: DeviceRole, _ devices: [CaptureDevice], for camera: RoomCamera?) {
    guard let camera, let wishes = rules[role] else { return }
    // An input can be the room's camera when it is asked for, and the other way round.
    let items = devices.map { device in
      var item = CameraInventory.item(device)
      if item.role != role { item.merit = nil }
      // It may get its signal at any time.
      if role == .presentation, device.kind == .signalInput { item = item.ready }
      return item
    }
    let last = used.withLock { $0[role] }
    var chosen: DeviceRule?
    if role == .camera {
      chosen = cameras.withLock { cameras in
        cameras.found = zip(items, devices).compactMap { item, device in
          item.role == .camera ? FoundCamera(name: item.name, rule: item.rule, place: CameraPlace(device)) : nil
        }
        return cameras.chosen
      }
    }
    // Without any, the one that was pulled out stays wished.
    let ranked = [chosen].compactMap { $0 } + wishes + [last].compactMap { $0 }
    guard let choice = DeviceChoice(amongItems: items, wishes: ranked) else { return }
    used.withLock { $0[role] = items[choice.index].rule }
    if role == .presentation { presentationNode.withLock { $0 = devices[choice.index].node } }
    camera.use(CameraPlace(devices[choice.index]))
  }

  /// The names of the cameras that are there, and which of them is in use; nil if none of them is.
  var cameraList: (names: [String], used: Int?) {
    let rule = used.withLock { $0[.camera] }
    let found = cameras.withLock { $0.found }
    return (found.map(\.name), found.firstIndex { $0.rule == rule })
  }

  /// Uses the camera at that place of the list from now on, as long as it is there.
  /// - Returns: whether there is one.
  func selectCamera(_ index: Int) -> Bool {
    guard let camera else { return false }
    let found = cameras.withLock { cameras -> FoundCamera? in
      guard cameras.found.indices.contains(index) else { return nil }
      cameras.chosen = cameras.found[index].rule
      return cameras.found[index]
    }
    guard let found else { return false }
    used.withLock { $0[.camera] = found.rule }
    camera.use(found.place)
    return true
  }

  /// Whether the presentation's device could give a picture now.
  var isPresentationReady: Bool {
    guard let node = presentationNode.withLock({ $0 }), let device = try? CaptureDevice(node: node) else {
      return false
    }
    return CameraInventory.item(device).isReady
  }

  /// The sound device that `rules` ask for, else the best.
  static func device(_ devices: [SoundDevice], _ rules: [DeviceRule]) -> SoundDevice? {
    DeviceChoice(amongItems: devices.map(SoundInventory.item), wishes: rules).map { devices[$0.index] }
  }

  /// The display that `rules` ask for; without any that is there, the first one that is plugged in.
  static func selection(_ rules: [DeviceRule]) -> KMSScreen.Selection {
    guard !rules.isEmpty else { return .first }
    let displays = KMSDisplays.enumerate()
    let choice = DeviceChoice(amongItems: displays.map(ScreenInventory.item), wishes: rules)
    return choice.map { .display(displays[$0.index].id) } ?? .first
  }
}

extension InventoryItem {
  /// The same as though it could be used.
  fileprivate var ready: InventoryItem {
    var item = self
    item.isReady = true
    item.merit = merit ?? 1
    return item
  }
}

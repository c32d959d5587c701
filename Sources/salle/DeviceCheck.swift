import Catalogue
import Devices

/// Checks one device for `salle devices --test`, and tells what was found.
struct DeviceCheck {
  let role: DeviceRole
  let wishes: DeviceWishes
  let seconds: Int
  let picture: String?
  let language: Language

  /// - Returns: whether the device does what a room needs.
  func run() -> Bool {
    do {
      guard let finding = try find() else {
        Terminal.complain(CheckSentences.nothing[language])
        return false
      }
      for figure in finding.figures { tell(figure) }
      Terminal.say((finding.isGood ? CheckSentences.passed : CheckSentences.failed)[language])
      return finding.isGood
    } catch {
      Terminal.complain("\(CheckSentences.unusable[language]) (\(error))")
      return false
    }
  }

  /// What the chosen device does; nil if there is none.
  private func find() throws -> DeviceFinding? {
    switch role {
    case .camera, .presentation:
      guard let item = chosen(CameraInventory.take()) else { return nil }
      return try CameraCheck.run(node: item.node, seconds: seconds, picture: picture)
    case .microphone:
      guard let address = soundAddress(.microphone) else { return nil }
      return try SoundCheck.listen(address, seconds: seconds)
    case .loudspeaker:
      guard let address = soundAddress(.loudspeaker) else { return nil }
      return try SoundCheck.play(address, microphone: soundAddress(.microphone, isQuiet: true))
    case .screen:
      let displays = KMSDisplays.enumerate()
      guard let item = chosen(ScreenInventory.take()) else { return nil }
      return try ScreenCheck.run(displays.first { $0.connector.name == item.node }?.id, seconds: seconds)
    }
  }

  private func chosen(_ items: [InventoryItem], as role: DeviceRole? = nil, isQuiet: Bool = false) -> InventoryItem? {
    let role = role ?? self.role
    let items = items.filter { $0.role == role }
    guard let choice = DeviceChoice(amongItems: items, wishes: wishes.rules(role)) else { return nil }
    if !isQuiet { Terminal.say(CheckSentences.checking(name: items[choice.index].name)[language]) }
    return items[choice.index]
  }

  private func soundAddress(_ role: DeviceRole, isQuiet: Bool = false) -> PCMAddress? {
    let devices = SoundDevice.all()
    guard let item = chosen(SoundInventory.take(), as: role, isQuiet: isQuiet) else { return nil }
    return devices.first { $0.address.description == item.node }?.address
  }

  private func tell(_ figure: DeviceFinding.Figure) {
    let tenths = Int((figure.value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let value = "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
    let padding = String(repeating: " ", count: max(9 - value.count, 1))
    Terminal.say((figure.isGood ? "  " : "! ") + padding + value + "  " + figure.quantity.label[language])
  }
}

extension DeviceFinding.Quantity {
  fileprivate var label: Sentence {
    switch self {
    case .width: CheckLabels.width
    case .height: CheckLabels.height
    case .rate: CheckLabels.rate
    case .longestGap: CheckLabels.longestGap
    case .brightness: CheckLabels.brightness
    case .faults: CheckLabels.faults
    case .level(let channel): CheckLabels.level(channel: channel + 1)
    case .peak(let channel): CheckLabels.peak(channel: channel + 1)
    case .drift: CheckLabels.drift
    case .delay: CheckLabels.delay
    case .heard: CheckLabels.heard
    case .identical: CheckLabels.identical
    }
  }
}

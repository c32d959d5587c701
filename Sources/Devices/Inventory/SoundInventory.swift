/// Microphones and loudspeakers, as an installer sees them.
public enum SoundInventory {
  /// All that are there.
  public static func take() -> [InventoryItem] {
    SoundDevice.all().map(item)
  }

  /// What is said of a device.
  static func item(_ device: SoundDevice) -> InventoryItem {
    let isCapture = device.direction == .capture
    let name =
      device.name.isEmpty || device.name == device.cardName ? device.cardName : "\(device.cardName), \(device.name)"
    return InventoryItem(
      role: isCapture ? .microphone : .loudspeaker, name: name, node: device.address.description,
      identity: identity(device), abilities: abilities(device), isReady: !device.isHDMI || device.eld != nil,
      merit: isCapture ? microphoneMerit(device) : loudspeakerMerit(device))
  }

  /// A card that sits nowhere is known by its name.
  private static func identity(_ device: SoundDevice) -> DeviceIdentity {
    if device.identity.busPath.isEmpty {
      return DeviceIdentity(busPath: "card-\(device.cardID)-\(device.address.device)")
    }
    // Of one piece of hardware, such as a graphics card, each output is a device of its own.
    if device.identity.usb == nil {
      return DeviceIdentity(busPath: "\(device.identity.busPath)-pcm-\(device.address.device)")
    }
    return device.identity
  }

  /// An array hears better than one microphone, and what was plugged in better than what was soldered on.
  private static func microphoneMerit(_ device: SoundDevice) -> Int {
    (device.identity.usb == nil ? 0 : 20) + min(device.capabilities?.channelCounts.upperBound ?? 1, 8)
  }

  /// A loudspeaker for rooms comes by USB; a display has one; a socket may have nothing plugged in.
  private static func loudspeakerMerit(_ device: SoundDevice) -> Int {
    if device.identity.usb != nil { return 30 }
    return device.isHDMI ? 20 : 10
  }

  private static func abilities(_ device: SoundDevice) -> [String] {
    guard let capabilities = device.capabilities else { return [] }
    let counts = capabilities.channelCounts
    let channels =
      counts.lowerBound == counts.upperBound ? "\(counts.lowerBound)" : "\(counts.lowerBound)–\(counts.upperBound)"
    return [
      "channels: " + channels, "Hz: " + capabilities.sampleRates.map(String.init).joined(separator: ", "),
      capabilities.formats.map(\.rawValue).joined(separator: ", "),
    ]
  }
}

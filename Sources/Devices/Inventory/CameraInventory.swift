import Video

/// Cameras and inputs, as an installer sees them.
public enum CameraInventory {
  /// What the room's camera should deliver.
  static let wish = CameraFormat(width: 1_920, height: 1_080, framesPerSecond: 30)

  /// All that are there.
  public static func take() -> [InventoryItem] {
    CaptureDevice.all().map(item)
  }

  /// What is said of a device.
  static func item(_ device: CaptureDevice) -> InventoryItem {
    let mode = device.bestMode(for: wish)
    return InventoryItem(
      role: device.kind == .camera ? .camera : .presentation, name: device.name, node: device.node,
      identity: identity(device), abilities: abilities(device),
      isReady: device.kind == .camera || mode != nil,
      merit: mode.map { merit(of: $0) + bonus(device) })
  }

  /// One driver may make up several devices in one place, which only it tells apart.
  private static func identity(_ device: CaptureDevice) -> DeviceIdentity {
    let identity = DeviceIdentity(sysfsPath: device.sysfsPath)
    return identity.usb == nil && !device.bus.isEmpty ? DeviceIdentity(busPath: device.bus) : identity
  }

  /// Up to a hundred for the whole of the wish: the pixels count by their width, as people see them.
  private static func merit(of mode: CameraMode) -> Int {
    let width = min(Double(mode.width), Double(wish.width)) / Double(wish.width)
    let rate = min((mode.interval?.framesPerSecond ?? 15) / wish.framesPerSecond, 1)
    return Int((100 * width * rate).rounded())
  }

  /// A camera that moves was bought for the room; one that doesn't may be built into something else.
  private static func bonus(_ device: CaptureDevice) -> Int {
    let movements: Set<CameraControl.Kind> = [.pan, .tilt, .zoom]
    return device.controls.contains { movements.contains($0.kind) } ? 10 : 0
  }

  private static func abilities(_ device: CaptureDevice) -> [String] {
    var lines = PixelFormat.allCases.compactMap { format -> String? in
      let offers = device.modes.filter { $0.format == format }
      guard !offers.isEmpty else { return nil }
      let sizes = offers.sorted { ($0.width, $0.height) > ($1.width, $1.height) }.prefix(6).map { offer in
        "\(offer.width)×\(offer.height)" + (offer.rates.fastest.map { "@\($0)" } ?? "")
      }
      return "\(format): " + sizes.joined(separator: ", ") + (offers.count > 6 ? ", …" : "")
    }
    if !device.controls.isEmpty { lines.append(device.controls.map(\.kind.rawValue).joined(separator: ", ")) }
    return lines
  }
}

extension FrameRates {
  /// The highest rate, pictures a second, rounded; nil where none is known.
  fileprivate var fastest: Int? {
    switch self {
    case .unknown: nil
    case .discrete(let intervals): intervals.map { Int($0.framesPerSecond.rounded()) }.max()
    case .range(let shortest, _, _): Int(shortest.framesPerSecond.rounded())
    }
  }
}

/// Sockets for displays and what is plugged in, as an installer sees them.
public enum ScreenInventory {
  /// All that are there.
  public static func take() -> [InventoryItem] {
    KMSDisplays.enumerate().map(item)
  }

  /// What is said of a socket.
  static func item(_ display: KMSDisplay) -> InventoryItem {
    let connector = display.connector
    // The card alone would be the same for all of its sockets.
    let card = DeviceIdentity(sysfsPath: display.sysfsPath).busPath
    return InventoryItem(
      role: .screen, name: display.name, node: connector.name,
      identity: DeviceIdentity(
        busPath: card.isEmpty ? connector.name : card + "-" + connector.name, display: display.edid?.identity),
      abilities: abilities(display), isReady: connector.isUsable, merit: connector.isUsable ? 1 : 0)
  }

  private static func abilities(_ display: KMSDisplay) -> [String] {
    let modes = display.connector.modes
    guard let first = modes.first(where: \.isPreferred) ?? modes.first else { return [] }
    let others = modes.filter { $0 != first }.prefix(5).map(\.description)
    var lines = ["modes: " + ([first.description] + others).joined(separator: ", ") + (modes.count > 6 ? ", …" : "")]
    let size = display.connector.physicalSize
    if size.width > 0, size.height > 0 { lines.append("\(size.width / 10) × \(size.height / 10) cm") }
    // How to ask for it in any socket.
    if let edid = display.edid { lines.append("\(DeviceRule.display(edid.identity))") }
    return lines
  }
}

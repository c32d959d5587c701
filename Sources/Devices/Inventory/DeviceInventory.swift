import Video

/// Everything that a room can use, as it is now.
public struct DeviceInventory: Hashable, Sendable {
  /// The devices of each role, in the order of their nodes.
  public var items: [DeviceRole: [InventoryItem]]

  /// An inventory of these devices.
  public init(_ items: [InventoryItem]) {
    self.items = Dictionary(grouping: items, by: \.role)
  }

  /// Looks at all devices of this machine. Takes some tenths of a second, since displays are asked; for any thread that may
  /// wait.
  public static func take() -> DeviceInventory {
    DeviceInventory(CameraInventory.take() + SoundInventory.take() + ScreenInventory.take())
  }

  /// The devices of `role`.
  public subscript(role: DeviceRole) -> [InventoryItem] { items[role] ?? [] }
}

/// Which device a room uses for each role: the first of these that is there, else the best. A role without an entry isn't
/// filled.
public struct RoomWishes: Hashable, Sendable {
  /// The rules for each role; an empty list means the best device.
  public var rules: [DeviceRole: [DeviceRule]]
  /// Whether a second display shows what is shared.
  public var hasContentScreen: Bool
  /// What has been measured in the room.
  public var profile: RoomProfile?

  /// Wishes for these roles.
  public init(_ rules: [DeviceRole: [DeviceRule]] = [:], hasContentScreen: Bool = false) {
    self.rules = rules
    self.hasContentScreen = hasContentScreen
  }
}

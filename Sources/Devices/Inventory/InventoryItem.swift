/// A device that is there, as an installer sees it.
public struct InventoryItem: Hashable, Sendable {
  /// What the room would use it for.
  public var role: DeviceRole
  /// The maker's name for it.
  public var name: String
  /// Its node, or its name within its class: `/dev/video0`, `hw:1,0`, `HDMI-A-1`.
  public var node: String
  /// By what it is known again.
  public var identity: DeviceIdentity
  /// What it can do, in the words of the field, a line for each kind of ability.
  public var abilities: [String]
  /// Whether it can be used at present: a screen that isn't plugged in, an input without a signal can't.
  public var isReady: Bool
  /// How well it suits a room; nil if it is used only when asked for.
  public var merit: Int?

  /// A device that is there.
  public init(
    role: DeviceRole, name: String, node: String, identity: DeviceIdentity, abilities: [String] = [],
    isReady: Bool = true, merit: Int? = 0
  ) {
    self.role = role
    self.name = name
    self.node = node
    self.identity = identity
    self.abilities = abilities
    self.isReady = isReady
    self.merit = merit
  }

  /// How to ask for it in the settings.
  public var rule: DeviceRule { DeviceRule(identity, node: node) }
}

extension DeviceChoice {
  /// The item that `wishes` ask for, else the best that is ready.
  public init?(amongItems items: [InventoryItem], wishes: [DeviceRule]) {
    self.init(
      among: items.map { Candidate(identity: $0.identity, node: $0.node, merit: $0.isReady ? $0.merit : nil) },
      wishes: wishes)
  }
}

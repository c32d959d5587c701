import Foundation

/// How things stand with the room, as far as diagnostics go. What isn't known is nil, and nothing is wrong with it.
public struct RoomFacts: Hashable, Sendable {
  /// What keeps the room from meeting.
  public var faults: Set<RoomFault> = []
  /// The paths of stored settings that don't count.
  public var invalidSettings: [String] = []
  /// Whether the file of settings was damaged, and set aside.
  public var isStorageDamaged = false
  /// Whether somebody can sign in; nil where nobody needs to.
  public var hasPassword: Bool?
  /// The calendar's state, by its word in the control tree.
  public var calendar = "Off"
  /// Whether the network let no media through in the last meeting.
  public var wasMediaBlocked = false
  /// Whether the screen is meant to be on.
  public var isAwake = true
  /// The devices.
  public var equipment = EquipmentReport()
  /// The computer.
  public var system: SystemFacts?
  /// The network.
  public var network: NetworkFacts?

  /// Nothing is known.
  public init() {}
}

/// How things stand with the computer.
public struct SystemFacts: Hashable, Sendable {
  /// Bytes that can still be written where the room keeps what lasts.
  public var freeBytes: Int64?
  /// Whether nothing can be written there.
  public var isReadOnly = false
  /// The part of the memory that is free or could be freed, 0 to 1.
  public var availableMemory: Double?
  /// The temperature of the hottest part, °C.
  public var temperature: Double?
  /// Whether the computer says that its supply is too weak.
  public var isUnderVoltage = false
  /// Whether something sets the clock; nil where that can't be found out.
  public var isClockSynchronised: Bool?
  /// The date.
  public var date = Date(timeIntervalSince1970: 0)
  /// Until when the room's certificate is valid.
  public var certificateExpiry: Date?

  /// Nothing is known.
  public init() {}
}

/// How things stand with the network.
public struct NetworkFacts: Hashable, Sendable {
  /// What came of asking the Visio instance.
  public enum Instance: Hashable, Sendable {
    /// It answered as it should.
    case reached
    /// None is configured.
    case unset
    /// Its name can't be resolved.
    case unknown
    /// There is no way to it.
    case unreachable
    /// Its certificate isn't trusted.
    case untrusted
    /// TLS failed otherwise.
    case notEncrypted
    /// Something else than Visio answered.
    case foreign
    /// It answered with an error.
    case failing
  }

  /// Whether an interface has a carrier.
  public var hasLink = true
  /// Whether an interface has an address that isn't only for the link.
  public var hasAddress = true
  /// Whether there is a way out of the network.
  public var hasRoute = true
  /// Whether there is a server for names.
  public var hasNameServer = true
  /// The instance; nil when it wasn't asked.
  public var instance: Instance?
  /// By how many seconds the room's clock is ahead of the instance's; nil when that isn't known.
  public var clockLead: Double?

  /// All is well.
  public init() {}
}

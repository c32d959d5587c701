import Realtime

/// What a display says of its power (CEC "Power Status").
public enum CECPowerStatus: UInt8, Hashable, Sendable {
  case on = 0
  case standby = 1
  case turningOn = 2
  case turningOff = 3
}

/// What happens on the bus that the room may care for.
public enum CECEvent: Hashable, Sendable {
  /// The display said how it is powered.
  case displayPower(CECPowerStatus)
  /// The display shows us from now on, or another device.
  case activeSource(isUs: Bool)
  /// The display, or all devices, were sent into standby, by remote control say.
  case standbyRequested
  /// The user chose us as the display's source.
  case selected
  /// A key of the display's remote control (CEC "User Control" code).
  case key(UInt8)
}

/// A playback device's part in CEC, as a value: what to send when, from what is wished and what comes in. Reads no clock
/// and touches no device.
public struct CECPlayback: Sendable {
  /// How often a display that doesn't turn on is told again, and after what time.
  static let retryInterval = Duration.seconds(2)
  static let attempts = 10

  /// Where we are in the tree of HDMI devices; nil while no display is connected.
  public private(set) var physicalAddress: UInt16?
  /// Our number on the bus; nil while we have none.
  public private(set) var logicalAddress: UInt8?
  /// What the display said last of its power; nil when it hasn't.
  public private(set) var displayPower: CECPowerStatus?
  /// The physical address of the source that the display shows; nil when not known.
  public private(set) var activeSource: UInt16?
  /// What we say of our own power.
  public private(set) var isOn = false
  /// When `tick` wants to be called; nil when it has nothing to do.
  public private(set) var deadline: Instant?

  private var attemptsLeft = 0
  private var events: [CECEvent] = []

  /// A device that isn't connected.
  public init() {}

  /// Whether the display shows us.
  public var isActiveSource: Bool { physicalAddress != nil && activeSource == physicalAddress }

  /// What has happened since the last call.
  public mutating func takeEvents() -> [CECEvent] {
    defer { events = [] }
    return events
  }

  /// The adapter has other addresses, or none.
  public mutating func setAddresses(physical: UInt16?, logical: UInt8?, at now: Instant) -> [CECMessage] {
    guard physical != physicalAddress || logical != logicalAddress else { return [] }
    physicalAddress = physical
    logicalAddress = logical
    displayPower = nil
    activeSource = nil
    deadline = nil
    // A display that was plugged in while we are on is to show us; it may be off.
    return isOn ? turnOn(at: now) : []
  }

  /// Turns the display on and makes it show us (One Touch Play, §13.1); it is told again until it says that it is on.
  public mutating func turnOn(at now: Instant) -> [CECMessage] {
    isOn = true
    attemptsLeft = Self.attempts
    guard let us = logicalAddress else { return [] }
    deadline = now + Self.retryInterval
    return [CECMessage(from: us, to: CECMessage.Address.display, .imageViewOn)] + claim() + [ask(us)]
  }

  /// Leaves the display: it goes into standby (§13.3) if it shows us, or if `always`; what another device shows is left
  /// alone otherwise.
  public mutating func turnOff(always: Bool = false) -> [CECMessage] {
    let wasActive = isActiveSource
    isOn = false
    deadline = nil
    guard let us = logicalAddress, wasActive || always else { return [] }
    noteActiveSource(nil)
    // What it said before holds no longer.
    displayPower = nil
    return [CECMessage(from: us, to: CECMessage.Address.display, .standby)]
  }

  /// Lets the display show something else, without turning it off (§13.1.4).
  public mutating func yield() -> [CECMessage] {
    guard let us = logicalAddress, let physicalAddress, isActiveSource else { return [] }
    noteActiveSource(nil)
    deadline = nil
    return [CECMessage(from: us, to: CECMessage.Address.display, .inactiveSource, Self.operands(physicalAddress))]
  }

  /// Time has passed.
  public mutating func tick(at now: Instant) -> [CECMessage] {
    guard let due = deadline, now >= due else { return [] }
    deadline = nil
    guard isOn, let us = logicalAddress, attemptsLeft > 0, displayPower != .on else { return [] }
    attemptsLeft -= 1
    deadline = now + Self.retryInterval
    // One that is on its way isn't told again, but asked.
    if displayPower == .turningOn { return [ask(us)] }
    return [CECMessage(from: us, to: CECMessage.Address.display, .imageViewOn)] + claim() + [ask(us)]
  }

  /// A message came in.
  public mutating func receive(_ message: CECMessage) -> [CECMessage] {
    guard let us = logicalAddress, let physicalAddress, message.opcode != nil else { return [] }
    let isToUs = message.destination == us
    switch message.knownOpcode {
    case .giveDevicePowerStatus where isToUs:
      let status: CECPowerStatus = isOn ? .on : .standby
      return [CECMessage(from: us, to: message.initiator, .reportPowerStatus, [status.rawValue])]
    case .reportPowerStatus where message.initiator == CECMessage.Address.display:
      return notePower(message)
    case .requestActiveSource:
      return isOn && isActiveSource ? claim() : []
    case .activeSource:
      if let address = message.physicalAddress() { noteActiveSource(address) }
    case .inactiveSource:
      if let address = message.physicalAddress(), address == activeSource { noteActiveSource(nil) }
    case .setStreamPath, .routingInformation:
      if let address = message.physicalAddress() { return route(to: address, physicalAddress) }
    case .routingChange:
      // From the old address to the new one.
      if let address = message.physicalAddress(at: 2) { return route(to: address, physicalAddress) }
    case .standby:
      if message.initiator == CECMessage.Address.display { displayPower = .standby }
      deadline = nil
      events.append(.standbyRequested)
    case .userControlPressed where isToUs:
      if let code = message.operands.first { events.append(.key(code)) }
    case .featureAbort: break
    default: return isToUs ? refuse(message, us) : []
    }
    return []
  }

  private mutating func notePower(_ message: CECMessage) -> [CECMessage] {
    guard let status = message.operands.first.flatMap({ CECPowerStatus(rawValue: $0) }) else { return [] }
    let wasOn = displayPower == .on
    if status != displayPower { events.append(.displayPower(status)) }
    displayPower = status
    guard status == .on else { return [] }
    let wasWaiting = deadline != nil
    deadline = nil
    // What it was told while it woke up, it may not have heard.
    return isOn && wasWaiting && !wasOn && attemptsLeft < Self.attempts ? claim() : []
  }

  private mutating func route(to address: UInt16, _ physicalAddress: UInt16) -> [CECMessage] {
    guard address == physicalAddress else {
      noteActiveSource(address)
      return []
    }
    events.append(.selected)
    isOn = true
    return claim()
  }

  private mutating func claim() -> [CECMessage] {
    guard let us = logicalAddress, let physicalAddress else { return [] }
    noteActiveSource(physicalAddress)
    return [
      CECMessage(from: us, to: CECMessage.Address.broadcast, .activeSource, Self.operands(physicalAddress))
    ]
  }

  private mutating func noteActiveSource(_ address: UInt16?) {
    let before = isActiveSource
    activeSource = address
    if isActiveSource != before { events.append(.activeSource(isUs: isActiveSource)) }
  }

  private func ask(_ us: UInt8) -> CECMessage {
    CECMessage(from: us, to: CECMessage.Address.display, .giveDevicePowerStatus)
  }

  /// What isn't understood is refused (§12.3), but for messages that only tell something.
  private func refuse(_ message: CECMessage, _ us: UInt8) -> [CECMessage] {
    let telling: Set<UInt8> = [0x32, 0x45, 0x47, 0x7E, 0x84, 0x87, 0x8E, 0x90, 0x9E, 0xA6]
    guard let opcode = message.opcode, !telling.contains(opcode), message.initiator != CECMessage.Address.broadcast
    else { return [] }
    // "Unrecognized opcode".
    return [CECMessage(from: us, to: message.initiator, .featureAbort, [opcode, 0])]
  }

  private static func operands(_ address: UInt16) -> [UInt8] {
    [UInt8(address >> 8), UInt8(address & 0xFF)]
  }
}

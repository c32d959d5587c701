/// One message on the CEC bus (HDMI 1.4b, supplement 1): who says what to whom.
public struct CECMessage: Hashable, Sendable {
  /// The numbers that devices have on the bus.
  public enum Address {
    /// The display.
    public static let display: UInt8 = 0
    /// Everybody.
    public static let broadcast: UInt8 = 15
  }

  /// What is said, as far as it is spoken here.
  public enum Opcode: UInt8, Sendable {
    case featureAbort = 0x00
    case imageViewOn = 0x04
    case standby = 0x36
    case userControlPressed = 0x44
    case routingChange = 0x80
    case routingInformation = 0x81
    case activeSource = 0x82
    case requestActiveSource = 0x85
    case setStreamPath = 0x86
    case giveDevicePowerStatus = 0x8F
    case reportPowerStatus = 0x90
    case inactiveSource = 0x9D
    case abort = 0xFF
  }

  /// The sender's number, 0…15.
  public var initiator: UInt8
  /// The receiver's number, 0…15.
  public var destination: UInt8
  /// What is said; nil for a mere poll.
  public var opcode: UInt8?
  /// What belongs to it, up to 14 bytes.
  public var operands: [UInt8]

  /// A message.
  public init(from initiator: UInt8, to destination: UInt8, _ opcode: Opcode, _ operands: [UInt8] = []) {
    self.initiator = initiator & 15
    self.destination = destination & 15
    self.opcode = opcode.rawValue
    self.operands = Array(operands.prefix(14))
  }

  /// Reads a message; nil if there is none in the bytes.
  public init?(_ bytes: some Collection<UInt8>) {
    guard let head = bytes.first, bytes.count <= 16 else { return nil }
    initiator = head >> 4
    destination = head & 15
    opcode = bytes.dropFirst().first
    operands = Array(bytes.dropFirst(2))
  }

  /// The message as it goes over the bus.
  public var bytes: [UInt8] {
    [initiator << 4 | destination] + (opcode.map { [$0] } ?? []) + operands
  }

  /// The opcode by name, where it is one of those.
  var knownOpcode: Opcode? { opcode.flatMap { Opcode(rawValue: $0) } }

  /// The physical address in the operands from `offset` on.
  func physicalAddress(at offset: Int = 0) -> UInt16? {
    guard operands.count >= offset + 2 else { return nil }
    return UInt16(operands[offset]) << 8 | UInt16(operands[offset + 1])
  }
}

import Control
import Realtime

/// Panels and control systems that say that they are there.
extension RoomController {
  /// A device that has announced itself.
  struct Peripheral {
    /// Its place in the control tree.
    var number: Int
    /// When it is taken for lost, unless it is heard of.
    var until: Instant
    /// Whether it was.
    var isLost = false
  }

  /// More than any room has. Beyond that a lost one gives its place, and without a lost one the new one is refused.
  private static let peripheralLimit = 32
  /// How long a device that doesn't say when it will be heard of again may be silent.
  private static let usualSilence = 60

  /// Takes a device in, or what is new of one that is known.
  func connectPeripheral(_ call: ControlCall) throws(ControlError) {
    let identity = call.text("ID") ?? ""
    let number: Int
    if let known = peripherals[identity] {
      number = known.number
    } else {
      number = try freePlace()
    }
    peripherals[identity] = Peripheral(number: number, until: clock() + .seconds(Self.usualSilence))
    let place = "Peripherals ConnectedDevice \(number) "
    var states: [(path: String, value: ControlValue?)] = [
      (place + "ID", .string(identity)), (place + "Type", call.text("Type").map { .literal($0) }),
      (place + "Status", .literal("Connected")),
    ]
    for field in ["Name", "HardwareInfo", "SoftwareInfo", "NetworkAddress", "SerialNumber"] {
      states.append((place + field, call.text(field).map { .string($0) }))
    }
    tell(states)
  }

  private func freePlace() throws(ControlError) -> Int {
    let taken = Set(peripherals.values.map(\.number))
    if let free = (1...Self.peripheralLimit).first(where: { !taken.contains($0) }) { return free }
    guard let lost = peripherals.filter(\.value.isLost).min(by: { $0.value.until < $1.value.until }) else {
      throw .failed(reason: "Too many devices")
    }
    peripherals[lost.key] = nil
    publisher.tell(.removal("Peripherals ConnectedDevice \(lost.value.number)"))
    return lost.value.number
  }

  /// Notes that a device is still there.
  func hearPeripheral(_ call: ControlCall) throws(ControlError) {
    guard let identity = call.text("ID"), let known = peripherals[identity] else {
      throw .failed(reason: "Unknown device")
    }
    let silence = call.integer("Timeout") ?? Self.usualSilence
    peripherals[identity] = Peripheral(number: known.number, until: clock() + .seconds(silence))
    tell([("Peripherals ConnectedDevice \(known.number) Status", .literal("Connected"))])
  }

  /// Tells of those that have been silent for too long.
  func missPeripherals() {
    let now = clock()
    for (identity, peripheral) in peripherals where peripheral.until <= now && !peripheral.isLost {
      peripherals[identity]?.isLost = true
      tell([("Peripherals ConnectedDevice \(peripheral.number) Status", .literal("LostConnection"))])
    }
  }
}

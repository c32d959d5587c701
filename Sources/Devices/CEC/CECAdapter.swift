import CCEC

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Why CEC doesn't work.
public enum CECError: Error, Hashable, Sendable {
  /// There is no adapter, or it was taken away. The display can't be controlled.
  case absent
  /// Another program uses the adapter for itself alone.
  case busy
  /// The adapter can't be told to be a playback device.
  case unsupported
  /// The operating system refused; the number is its `errno`.
  case system(Int32)

  init(_ code: Int32) {
    switch code {
    case ENODEV, ENXIO, ENOENT: self = .absent
    case EBUSY: self = .busy
    case ENOTTY, EOPNOTSUPP: self = .unsupported
    default: self = .system(code)
    }
  }
}

extension CECError: CustomStringConvertible {
  /// What is wrong, for logs and installers.
  public var description: String {
    switch self {
    case .absent: "there is no CEC adapter"
    case .busy: "another program uses the CEC adapter for itself alone"
    case .unsupported: "the CEC adapter can't be a playback device"
    case .system(let code): "CEC: \(String(cString: strerror(code))) (\(code))"
    }
  }
}

/// A CEC adapter, as an installer sees it.
public struct CECDevice: Hashable, Sendable {
  /// The device file, such as `/dev/cec0`.
  public var node: String
  /// The device in sysfs with all links resolved.
  public var sysfsPath: String
  /// The kernel's driver.
  public var driver: String
  /// The adapter's name.
  public var name: String
  /// The display connector that it belongs to; nil where the driver doesn't tell.
  public var connector: Connector?

  /// A connector of a card.
  public struct Connector: Hashable, Sendable {
    /// The card's number, as in `/dev/dri/card0`.
    public var card: Int
    /// The kernel's number for the connector (`KMSConnector.id`).
    public var id: UInt32
  }

  /// All adapters, in their order. For any thread.
  public static func enumerate() -> [CECDevice] {
    guard let folder = opendir("/dev") else { return [] }
    defer { closedir(folder) }
    var numbers: [Int] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasPrefix("cec"), let number = Int(name.dropFirst(3)) { numbers.append(number) }
    }
    return numbers.sorted().compactMap { number in
      (try? CECAdapter(path: "/dev/cec\(number)"))?.device
    }
  }
}

/// An open CEC adapter: sends and receives messages.
///
/// Not thread-safe: belongs to the thread that drives it.
final class CECAdapter {
  let device: CECDevice
  let descriptor: Int32
  private let needsPhysicalAddress: Bool

  init(path: String) throws(CECError) {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw CECError(errno) }
    var capabilities = cec_caps()
    let code = salle_cec_capabilities(descriptor, &capabilities)
    guard code == 0 else {
      close(descriptor)
      throw CECError(code)
    }
    self.descriptor = descriptor
    needsPhysicalAddress = capabilities.capabilities & UInt32(CEC_CAP_PHYS_ADDR) != 0
    var (card, connector) = (UInt32(0), UInt32(0))
    let hasConnector = salle_cec_connector(descriptor, &card, &connector) == 0
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let sysfsPath = realpath("/sys/bus/cec/devices/\(name)", nil)
    defer { free(sysfsPath) }
    device = CECDevice(
      node: path, sysfsPath: sysfsPath.map { String(cString: $0) } ?? "", driver: Self.text(capabilities.driver),
      name: Self.text(capabilities.name), connector: hasConnector ? .init(card: Int(card), id: connector) : nil)
  }

  deinit {
    close(descriptor)
  }

  /// Becomes a playback device that calls itself `name` (up to 14 characters).
  /// - Parameter physicalAddress: from the display's EDID, for adapters that don't read it themselves.
  func configure(name: String, vendor: UInt32?, physicalAddress: UInt16?) throws(CECError) {
    var code = salle_cec_join(descriptor)
    if code == 0, needsPhysicalAddress, let physicalAddress {
      code = salle_cec_set_physical_address(descriptor, physicalAddress)
    }
    if code == 0 { code = salle_cec_configure(descriptor, name, vendor ?? UInt32(CEC_VENDOR_ID_NONE)) }
    guard code == 0 else { throw CECError(code) }
  }

  /// Where the adapter is, and its number on the bus; each nil while it has none.
  func addresses() throws(CECError) -> (physical: UInt16?, logical: UInt8?) {
    var (physical, logical) = (UInt16(0xFFFF), UInt16(0))
    let code = salle_cec_addresses(descriptor, &physical, &logical)
    guard code == 0 else { throw CECError(code) }
    // 15 is for those that found no number.
    let number = logical & 0x7FFF == 0 ? nil : UInt8((logical & 0x7FFF).trailingZeroBitCount)
    return (physical == 0xFFFF ? nil : physical, number)
  }

  /// Sends a message. Takes up to a second.
  /// - Returns: whether the receiver acknowledged it.
  func send(_ message: CECMessage) throws(CECError) -> Bool {
    let bytes = message.bytes
    var status: UInt8 = 0
    let code = salle_cec_transmit(descriptor, bytes, UInt32(bytes.count), &status)
    guard code == 0 else { throw CECError(code) }
    return status & UInt8(CEC_TX_STATUS_OK) != 0
  }

  /// The next message, if there is one.
  func receive() throws(CECError) -> CECMessage? {
    var bytes = [UInt8](repeating: 0, count: 16)
    var count: UInt32 = 0
    let code = salle_cec_receive(descriptor, &bytes, &count)
    if code == ETIMEDOUT || code == EAGAIN { return nil }
    guard code == 0 else { throw CECError(code) }
    return CECMessage(bytes.prefix(Int(count)))
  }

  /// Takes the next event; call it only when there is one.
  /// - Returns: whether the addresses are new.
  func takeEvent() throws(CECError) -> Bool {
    var changed: Int32 = 0
    let code = salle_cec_event(descriptor, &changed)
    guard code == 0 else { throw CECError(code) }
    return changed != 0
  }

  private static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

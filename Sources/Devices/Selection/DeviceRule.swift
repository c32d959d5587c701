/// Which device is meant, as an installer writes it into the settings.
public enum DeviceRule: Hashable, Sendable, CustomStringConvertible {
  /// A product, and the one with this serial number if there is one: `usb:2bd9:0021`, `usb:2bd9:0021:A1B2`. It may be
  /// plugged in anywhere.
  case usb(vendor: UInt16, product: UInt16, serial: String?)
  /// Whatever is plugged in there: `path:pci-0000:00:14.0-usb-0:2.1:1.0`.
  case path(String)
  /// A display, whichever socket it is plugged into: maker and product, and the one with this serial number if there is
  /// one: `display:DEL-A0EC`, `display:DEL-A0EC-4711`.
  case display(String)
  /// A node, `/dev/video2`, or a name of the class's own such as `HDMI-A-1` or `hw:1,0`. What it stands for may change
  /// with every start.
  case node(String)

  /// A rule as written above; nil for what is none.
  public init?(_ text: String) {
    let text = String(text.drop { $0 == " " })
    if text.hasPrefix("usb:") {
      let parts = text.dropFirst(4).split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count >= 2, let vendor = Self.number(parts[0]), let product = Self.number(parts[1]) else {
        return nil
      }
      if parts.count == 3, parts[2].isEmpty { return nil }
      self = .usb(vendor: vendor, product: product, serial: parts.count == 3 ? String(parts[2]) : nil)
    } else if text.hasPrefix("path:") {
      guard text.utf8.count > 5 else { return nil }
      self = .path(String(text.dropFirst(5)))
    } else if text.hasPrefix("display:") {
      guard text.utf8.count > 8 else { return nil }
      self = .display(String(text.dropFirst(8)))
    } else {
      guard !text.isEmpty else { return nil }
      self = .node(text)
    }
  }

  private static func number(_ text: Substring) -> UInt16? {
    // `UInt16` would take a sign as well.
    guard text.utf8.count == 4, text.allSatisfy(\.isHexDigit) else { return nil }
    return UInt16(text, radix: 16)
  }

  /// The rule as it is written.
  public var description: String {
    switch self {
    case .usb(let vendor, let product, let serial):
      "usb:\(Self.digits(vendor)):\(Self.digits(product))" + (serial.map { ":" + $0 } ?? "")
    case .path(let path): "path:" + path
    case .display(let display): "display:" + display
    case .node(let node): node
    }
  }

  /// Whether a device is meant that has this identity and this node.
  public func matches(_ identity: DeviceIdentity, node: String) -> Bool {
    switch self {
    case .usb(let vendor, let product, let serial):
      identity.usb.map { $0.vendor == vendor && $0.product == product && (serial == nil || $0.serial == serial) }
        ?? false
    case .path(let path): identity.busPath == path
    case .display(let wanted): identity.display.map { $0 == wanted || $0.hasPrefix(wanted + "-") } ?? false
    case .node(let wanted): node == wanted
    }
  }

  /// The rule by which a device is best found again: by its serial number, else by its product; by its place where it has
  /// neither.
  public init(_ identity: DeviceIdentity, node: String) {
    if let usb = identity.usb {
      self = .usb(vendor: usb.vendor, product: usb.product, serial: usb.serial)
    } else if !identity.busPath.isEmpty {
      self = .path(identity.busPath)
    } else {
      self = .node(node)
    }
  }

  private static func digits(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

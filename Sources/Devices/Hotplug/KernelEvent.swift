/// What the kernel says of one device: a uevent, as it comes over netlink (Documentation/core-api/kobject.rst).
public struct KernelEvent: Hashable, Sendable {
  /// What happened.
  public enum Action: String, CaseIterable, Hashable, Sendable {
    /// The device is there.
    case add
    /// It is gone.
    case remove
    /// Something about it is different: a screen was plugged into a graphics card, for one.
    case change
    /// It has another name.
    case move
    /// A driver took it.
    case bind
    /// Its driver let go of it.
    case unbind
    /// It can be used again.
    case online
    /// It can't be used for the time being.
    case offline
  }

  /// Why a message isn't a uevent.
  public enum ParsingError: Error, Hashable, Sendable {
    /// It doesn't begin with `ACTION@PATH` and a zero byte. What udev sends to its own listeners looks so.
    case noHeader
    /// The action is none that the kernel knows.
    case unknownAction
    /// It is longer than the kernel makes them.
    case tooLong
    /// A property isn't `KEY=VALUE`, or none names the path again that stands in the header.
    case malformedProperty
  }

  /// The longest message that is read; the kernel's own limit is 2 kB and the header.
  public static let maximumLength = 8_192

  /// What happened.
  public let action: Action
  /// The device's path below `/sys`, such as `/devices/pci0000:00/…/video4linux/video0`.
  public let devicePath: String
  /// Its subsystem, such as `video4linux`, `sound`, `drm`; empty if it has none.
  public let subsystem: String
  /// Everything that the kernel says of it, by key.
  public let properties: [String: String]

  /// An event as read from a message.
  public init(parsing message: UnsafeRawBufferPointer) throws(ParsingError) {
    guard message.count <= Self.maximumLength else { throw .tooLong }
    var parts = message.split(separator: 0, omittingEmptySubsequences: false)[...]
    // The last property ends with a zero byte as well.
    if parts.last?.isEmpty == true { parts.removeLast() }
    guard let header = parts.popFirst(), let at = header.firstIndex(of: UInt8(ascii: "@")) else { throw .noHeader }
    let path = String(decoding: header[(at + 1)...], as: UTF8.self)
    guard path.hasPrefix("/") else { throw .noHeader }
    guard let action = Action(rawValue: String(decoding: header[..<at], as: UTF8.self)) else { throw .unknownAction }
    var properties: [String: String] = [:]
    for part in parts {
      guard let equals = part.firstIndex(of: UInt8(ascii: "=")), equals > part.startIndex else {
        throw .malformedProperty
      }
      properties[String(decoding: part[..<equals], as: UTF8.self)] = String(
        decoding: part[(equals + 1)...], as: UTF8.self)
    }
    guard properties["DEVPATH"] ?? path == path else { throw .malformedProperty }
    self.action = action
    devicePath = path
    subsystem = properties["SUBSYSTEM"] ?? ""
    self.properties = properties
  }
}

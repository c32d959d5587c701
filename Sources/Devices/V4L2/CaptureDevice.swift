import CV4L
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A camera or capture device as it is found: where it is and what it can do.
public struct CaptureDevice: Hashable, Sendable {
  /// What kind of pictures it has.
  public enum Kind: Hashable, Sendable {
    /// Its own.
    case camera
    /// Those of a signal, such as HDMI, whose timings it tells.
    case signalInput
  }

  /// The device node, such as `/dev/video0`. It may be another after the next plugging in.
  public var node: String
  /// The folder in sysfs of the hardware that the node belongs to (the real path of `/sys/class/video4linux/…/device`):
  /// for USB the interface at its place on the bus, the same after plugging in at the same place again.
  public var sysfsPath: String
  /// Which of the hardware's nodes it is, from 0.
  public var index: Int
  /// The driver's name for the hardware's place, such as `usb-0000:00:14.0-2.1`; the same after plugging in at the same
  /// place again. Unlike `sysfsPath` it tells apart devices that one driver makes up.
  public var bus: String
  /// The maker's name for it.
  public var name: String
  /// The driver, such as `uvcvideo`.
  public var driver: String
  /// A camera or an input.
  public var kind: Kind
  /// Formats, sizes and frame rates. An input without signal may have none.
  public var modes: [CameraModeOffer]
  /// Its settings.
  public var controls: [CameraControl]

  /// The mode in which it would be driven for `format`; nil when it has none.
  public func bestMode(for format: CameraFormat) -> CameraMode? {
    CameraModeChooser.best(of: modes, for: format)
  }

  /// All devices that capture pictures in a format that Salle reads, by node. Those that can't be opened or give none
  /// are left out.
  public static func all() -> [CaptureDevice] {
    nodes().compactMap { try? CaptureDevice(node: $0.node) }
  }

  /// A video node and where it belongs.
  struct Node {
    var node: String
    var sysfsPath: String
    var index: Int
  }

  /// All video nodes, by number. Opens none of them.
  static func nodes() -> [Node] {
    let folder = "/sys/class/video4linux"
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [(number: Int, node: Node)] = []
    while let entry = readdir(directory) {
      let name = text(entry.pointee.d_name)
      guard name.hasPrefix("video"), let position = Int(name.dropFirst(5)) else { continue }
      let node = Node(
        node: "/dev/\(name)", sysfsPath: realPath("\(folder)/\(name)/device") ?? "",
        index: readNumber("\(folder)/\(name)/index") ?? 0)
      found.append((position, node))
    }
    return found.sorted { $0.number < $1.number }.map(\.node)
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func readNumber(_ path: String) -> Int? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 32)
    guard fgets(&line, 32, file) != nil else { return nil }
    return Int(line.prefix { $0 >= 48 && $0 <= 57 }.reduce(into: "") { $0.append(Character(UnicodeScalar(UInt8($1)))) })
  }
}

extension VideoDevice.Capabilities {
  /// `V4L2_BUF_TYPE_VIDEO_CAPTURE` or its multi-planar sibling.
  var bufferType: UInt32 {
    isMultiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.rawValue : V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
  }
}

extension CaptureDevice {
  /// Opens `node` and asks what it is.
  public init(node: String) throws(CameraError) {
    let device = try VideoDevice(node: node)
    guard let capabilities = try device.captureCapabilities() else {
      throw .unreadable("it doesn't capture pictures")
    }
    let kind: Kind = CaptureSignal.isTaken(by: device) ? .signalInput : .camera
    let modes = CameraModeReader(device: device, bufferType: capabilities.bufferType).offers()
    guard kind == .signalInput || !modes.isEmpty else { throw .unreadable("it has no format that Salle reads") }
    let place = CaptureDevice.nodes().first { $0.node == node }
    self.node = node
    self.sysfsPath = place?.sysfsPath ?? ""
    self.index = place?.index ?? 0
    self.bus = capabilities.bus
    self.name = capabilities.card
    self.driver = capabilities.driver
    self.kind = kind
    self.modes = modes
    self.controls = CameraControls(device).list()
  }
}

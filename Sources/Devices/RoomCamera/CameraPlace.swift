import Video

/// Where a camera is plugged in, by which it is found again after it was pulled out.
public struct CameraPlace: Hashable, Sendable {
  /// The device node when it was last seen.
  public var node: String
  /// The folder in sysfs of its hardware; empty if only the node counts.
  public var sysfsPath: String
  /// The driver's name for the place.
  public var bus: String

  /// The place of a device that was found.
  public init(_ device: CaptureDevice) {
    node = device.node
    sysfsPath = device.sysfsPath
    bus = device.bus
  }

  /// Whatever has this node.
  public init(node: String) {
    self.node = node
    sysfsPath = ""
    bus = ""
  }

  /// Whether a device at this place would be at the other one too, whatever node it has by now.
  func isSame(as other: CameraPlace) -> Bool {
    sysfsPath == other.sysfsPath && bus == other.bus && (!sysfsPath.isEmpty || node == other.node)
  }

  /// The node that the device at this place has now; nil when none is plugged in.
  func currentNode() -> String? {
    let nodes = CaptureDevice.nodes()
    if sysfsPath.isEmpty { return nodes.first { $0.node == node }?.node }
    return nodes.first { candidate in
      guard candidate.sysfsPath == sysfsPath, let device = try? VideoDevice(node: candidate.node),
        let capabilities = try? device.captureCapabilities()
      else { return false }
      return capabilities.bus == bus
    }?.node
  }
}

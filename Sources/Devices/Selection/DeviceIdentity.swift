/// By what a device is known again after it was pulled out, or the machine restarted: where it is plugged in, and, if it
/// is a USB device, what it says it is. The number in a node's name (`video0`) says nothing.
public struct DeviceIdentity: Hashable, Sendable {
  /// What a USB device says of itself.
  public struct USB: Hashable, Sendable {
    /// The manufacturer's number, idVendor.
    public var vendor: UInt16
    /// The manufacturer's number of the product, idProduct.
    public var product: UInt16
    /// The serial number; nil where the device has none. Cheap devices all have the same.
    public var serial: String?

    /// What a USB device says of itself.
    public init(vendor: UInt16, product: UInt16, serial: String? = nil) {
      self.vendor = vendor
      self.product = product
      self.serial = serial
    }
  }

  /// Where it is plugged in, written as udev writes its `ID_PATH`: `pci-0000:00:14.0-usb-0:2.1:1.0`, `platform-vivid.0`.
  public var busPath: String
  /// What it says of itself, if it is a USB device.
  public var usb: USB?

  /// What the display says of itself that is plugged in there (`EDID.identity`), such as `DEL-A0EC-4711`.
  public var display: String?

  /// An identity.
  public init(busPath: String, usb: USB? = nil, display: String? = nil) {
    self.busPath = busPath
    self.usb = usb
    self.display = display
  }
}

extension DeviceIdentity {
  /// The identity of the device with the folder `sysfsPath`, an absolute path without symbolic links such as
  /// `/sys/devices/platform/vivid.0/video4linux/video0`.
  public init(sysfsPath: String) {
    self.init(sysfsPath: sysfsPath, reading: SystemFiles())
  }

  init(sysfsPath: String, reading files: some DeviceFiles) {
    var parts: [String] = []
    var usb: USB?
    var hasUSBPort = false
    var folder = Substring(sysfsPath)
    while folder.hasPrefix("/sys/devices/"), let slash = folder.lastIndex(of: "/") {
      let path = String(folder)
      let name = String(folder[folder.index(after: slash)...])
      folder = folder[..<slash]
      switch files.subsystem(of: path) {
      case "usb":
        // An interface, `1-2.1:1.0`, or, for a device that has no interface of its own, the device, `1-2.1`. The bus's
        // number depends on which controller was found first.
        if !hasUSBPort, let dash = name.firstIndex(of: "-") {
          parts.append("usb-0:" + name[name.index(after: dash)...])
          hasUSBPort = true
        }
        usb = usb ?? Self.usb(path, files)
      case "pci": parts.append("pci-" + name)
      case "platform": parts.append("platform-" + name)
      default: break
      }
    }
    self.init(busPath: parts.reversed().joined(separator: "-"), usb: usb)
  }

  private static func usb(_ path: String, _ files: some DeviceFiles) -> USB? {
    guard let vendor = files.text(path + "/idVendor").flatMap({ UInt16($0, radix: 16) }),
      let product = files.text(path + "/idProduct").flatMap({ UInt16($0, radix: 16) })
    else { return nil }
    let serial = files.text(path + "/serial")
    return USB(vendor: vendor, product: product, serial: serial?.isEmpty == false ? serial : nil)
  }
}

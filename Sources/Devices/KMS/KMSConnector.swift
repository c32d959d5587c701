import CDRM

/// A socket for a display (HDMI-A-1, DP-2, …) and what is plugged into it, as it was when asked.
public struct KMSConnector: Sendable {
  /// Whether a display is there.
  public enum Status: Hashable, Sendable {
    case connected, disconnected
    /// The hardware can't tell: treated as connected only if it has modes.
    case unknown
  }

  /// The kernel's number for it.
  public let id: UInt32
  /// Its name as in sysfs, without the card, such as `HDMI-A-1`.
  public let name: String
  /// Whether a display is plugged in.
  public let status: Status
  /// What the display offers, in the kernel's order.
  public let modes: [KMSMode]
  /// The display's description of itself; empty where it has none.
  public let edid: [UInt8]
  /// Width and height of the picture in millimetres; 0 when not known.
  public let physicalSize: (width: Int, height: Int)
  /// What can be set on it besides the mode.
  public let features: Features

  /// What can be set on a connector besides the mode.
  public struct Features: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: Int

    /// Features from bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The controller itself can shrink the picture away from the edges that the display hides.
    public static let margins = Features(rawValue: 1)
    /// The range of its colours (full or limited) can be chosen.
    public static let colorRange = Features(rawValue: 2)
  }

  let isWriteBack: Bool
  let properties: KMSProperties
  /// CRTCs that can drive it, a bit for each in the order of the card's resources.
  let possibleCRTCs: UInt32
  /// The CRTC that drives it now; 0 when none.
  let currentCRTC: UInt32

  /// Whether a picture can be shown on it.
  public var isUsable: Bool { status != .disconnected && !modes.isEmpty && !isWriteBack }

  /// Asks the kernel; with `probing` it asks the display, if this program is DRM master.
  init?(descriptor: Int32, id: UInt32, probing: Bool) {
    guard
      let connector = probing ? drmModeGetConnector(descriptor, id) : drmModeGetConnectorCurrent(descriptor, id)
    else { return nil }
    defer { drmModeFreeConnector(connector) }
    let value = connector.pointee
    self.id = id
    let type = drmModeGetConnectorTypeName(value.connector_type).map { String(cString: $0) } ?? "Unknown"
    name = "\(type)-\(value.connector_type_id)"
    isWriteBack = value.connector_type == UInt32(DRM_MODE_CONNECTOR_WRITEBACK)
    status =
      switch value.connection {
      case DRM_MODE_CONNECTED: .connected
      case DRM_MODE_DISCONNECTED: .disconnected
      default: .unknown
      }
    modes = (0..<Int(max(value.count_modes, 0))).map { KMSMode(value.modes[$0]) }
    physicalSize = (Int(value.mmWidth), Int(value.mmHeight))
    let properties = KMSProperties(descriptor: descriptor, object: id, kind: .connector)
    self.properties = properties
    edid = Self.blob(descriptor, UInt32(truncatingIfNeeded: properties.value("EDID")))
    currentCRTC = UInt32(truncatingIfNeeded: properties.value("CRTC_ID"))
    var mask: UInt32 = 0
    for index in 0..<Int(max(value.count_encoders, 0)) {
      guard let encoder = drmModeGetEncoder(descriptor, value.encoders[index]) else { continue }
      mask |= encoder.pointee.possible_crtcs
      drmModeFreeEncoder(encoder)
    }
    possibleCRTCs = mask
    var features: Features = []
    if ["left margin", "right margin", "top margin", "bottom margin"].allSatisfy({ properties[$0] != nil }) {
      features.insert(.margins)
    }
    if properties["Broadcast RGB"] != nil { features.insert(.colorRange) }
    self.features = features
  }

  static func blob(_ descriptor: Int32, _ id: UInt32) -> [UInt8] {
    guard id != 0, let blob = drmModeGetPropertyBlob(descriptor, id) else { return [] }
    defer { drmModeFreePropertyBlob(blob) }
    return [UInt8](UnsafeRawBufferPointer(start: blob.pointee.data, count: Int(blob.pointee.length)))
  }
}

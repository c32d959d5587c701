import CDRM
import Glibc

/// Another program's picture on a card: it sets a mode, shows its buffer, lets go of the screen and stays.
final class BootPicture {
  private let descriptor: Int32
  private let width: Int
  private let height: Int
  private var handle: UInt32 = 0
  private(set) var framebuffer: UInt32 = 0

  /// Makes the buffer; nothing is shown yet.
  init(path: String, width: Int, height: Int, seed: UInt64) throws {
    descriptor = open(path, O_RDWR | O_CLOEXEC)
    self.width = width
    self.height = height
    var (pitch, size) = (UInt32(0), UInt64(0))
    guard drmModeCreateDumbBuffer(descriptor, UInt32(width), UInt32(height), 32, 0, &handle, &pitch, &size) == 0,
      drmModeAddFB(descriptor, UInt32(width), UInt32(height), 24, 32, pitch, handle, &framebuffer) == 0
    else { throw LabError(what: "a buffer of \(path)", code: errno) }
  }

  /// Shows the buffer on the first connector and stops being DRM master.
  func show() throws {
    guard drmSetMaster(descriptor) == 0, let resources = drmModeGetResources(descriptor) else {
      throw LabError(what: "DRM master", code: errno)
    }
    defer { drmModeFreeResources(resources) }
    var id = resources.pointee.connectors[0]
    guard let connector = drmModeGetConnector(descriptor, id) else { throw LabError(what: "connector", code: errno) }
    defer { drmModeFreeConnector(connector) }
    for index in 0..<Int(connector.pointee.count_modes) {
      var mode = connector.pointee.modes[index]
      guard mode.hdisplay == width, mode.vdisplay == height else { continue }
      guard drmModeSetCrtc(descriptor, resources.pointee.crtcs[0], framebuffer, 0, 0, &id, 1, &mode) == 0 else {
        throw LabError(what: "setting a mode", code: errno)
      }
      drmDropMaster(descriptor)
      return
    }
    throw LabError(what: "no such mode", code: 0)
  }

  /// Turns the picture that is shown upside down.
  func turn() throws {
    guard drmSetMaster(descriptor) == 0, let planes = Self.planes(descriptor) else {
      throw LabError(what: "DRM master", code: errno)
    }
    defer { drmDropMaster(descriptor) }
    for plane in planes where Self.property("FB_ID", plane, descriptor)?.value == UInt64(framebuffer) {
      guard let rotation = Self.property("rotation", plane, descriptor),
        drmModeObjectSetProperty(descriptor, plane, 0xeeee_eeee, rotation.id, 4) == 0
      else { throw LabError(what: "turning the picture", code: errno) }
    }
  }

  /// How the picture is turned; nil when it isn't shown.
  var rotation: UInt64? {
    Self.planes(descriptor)?.lazy.filter {
      Self.property("FB_ID", $0, self.descriptor)?.value == UInt64(self.framebuffer)
    }.compactMap { Self.property("rotation", $0, self.descriptor)?.value }.first
  }

  private static func planes(_ descriptor: Int32) -> [UInt32]? {
    drmSetClientCap(descriptor, UInt64(DRM_CLIENT_CAP_ATOMIC), 1)
    guard let list = drmModeGetPlaneResources(descriptor) else { return nil }
    defer { drmModeFreePlaneResources(list) }
    return (0..<Int(list.pointee.count_planes)).map { list.pointee.planes[$0] }
  }

  private static func property(
    _ wanted: String, _ object: UInt32, _ descriptor: Int32, kind: UInt32 = 0xeeee_eeee
  ) -> (id: UInt32, value: UInt64)? {
    guard let list = drmModeObjectGetProperties(descriptor, object, kind) else { return nil }
    defer { drmModeFreeObjectProperties(list) }
    for index in 0..<Int(list.pointee.count_props) {
      guard let property = drmModeGetProperty(descriptor, list.pointee.props[index]) else { continue }
      defer { drmModeFreeProperty(property) }
      let name = withUnsafeBytes(of: property.pointee.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name == wanted { return (property.pointee.prop_id, list.pointee.prop_values[index]) }
    }
    return nil
  }

  /// The picture that the first CRTC shows now.
  var shownFramebuffer: UInt32 { Self.shown(descriptor).framebuffer }
  /// The width of the mode in which it does.
  var shownWidth: Int { Self.shown(descriptor).width }

  /// Ends the program.
  func remove() {
    close(descriptor)
  }

  /// What the first CRTC of a card shows, and in which width.
  static func shown(_ descriptor: Int32) -> (framebuffer: UInt32, width: Int) {
    guard let resources = drmModeGetResources(descriptor) else { return (0, 0) }
    defer { drmModeFreeResources(resources) }
    guard let crtc = drmModeGetCrtc(descriptor, resources.pointee.crtcs[0]) else { return (0, 0) }
    defer { drmModeFreeCrtc(crtc) }
    return (crtc.pointee.buffer_id, Int(crtc.pointee.mode.hdisplay))
  }

  /// Whether the first CRTC is on.
  static func isActive(_ descriptor: Int32) -> Bool? {
    drmSetClientCap(descriptor, UInt64(DRM_CLIENT_CAP_ATOMIC), 1)
    guard let resources = drmModeGetResources(descriptor) else { return nil }
    defer { drmModeFreeResources(resources) }
    return property("ACTIVE", resources.pointee.crtcs[0], descriptor, kind: 0xcccc_cccc).map { $0.value != 0 }
  }
}

import CDRM
import Video

/// A plane: a rectangle of a picture that the controller lays over or under others while it scans out.
struct KMSPlane {
  enum Kind: UInt64 {
    case overlay = 0
    case primary = 1
    case cursor = 2
  }

  let id: UInt32
  let kind: Kind
  /// Pixel formats it takes (`DRM_FORMAT_…`) with rows one after the other, as in the buffers made here.
  let formats: [UInt32]
  /// CRTCs it can belong to, a bit for each in the order of the card's resources.
  let possibleCRTCs: UInt32
  let properties: KMSProperties

  var currentCRTC: UInt32 { UInt32(truncatingIfNeeded: properties.value("CRTC_ID")) }
  var currentFramebuffer: UInt32 { UInt32(truncatingIfNeeded: properties.value("FB_ID")) }
  /// Where it lies among the others, higher ones in front; nil where the hardware doesn't say.
  var position: UInt64? { properties["zpos"]?.value }

  /// Whether it lies in front of a plane at `background`, or can be made to.
  func canLie(inFrontOf background: KMSProperty?) -> Bool {
    guard let position = properties["zpos"], let background else { return true }
    let front = position.isImmutable ? position.value : position.range?.upperBound ?? position.value
    let back = background.isImmutable ? background.value : background.range?.lowerBound ?? background.value
    // Of two at the same position that with the higher number is in front.
    return front > back
  }

  init?(descriptor: Int32, id: UInt32) {
    guard let plane = drmModeGetPlane(descriptor, id) else { return nil }
    defer { drmModeFreePlane(plane) }
    self.id = id
    possibleCRTCs = plane.pointee.possible_crtcs
    properties = KMSProperties(descriptor: descriptor, object: id, kind: .plane)
    let all = (0..<Int(plane.pointee.count_formats)).map { plane.pointee.formats[$0] }
    let table = KMSConnector.blob(descriptor, UInt32(truncatingIfNeeded: properties.value("IN_FORMATS")))
    let linear = KMSFormatTable.linearFormats(table) ?? []
    // A driver that names none in rows may take them all the same: the kernel is asked before anything is shown.
    formats = linear.isEmpty ? all : linear
    kind = Kind(rawValue: properties.value("type")) ?? .overlay
  }
}

/// The properties of a plane that place a picture, looked up once.
struct KMSPlaneProperties {
  let plane: UInt32
  private let framebuffer: UInt32
  private let crtc: UInt32
  private let source: (x: UInt32, y: UInt32, width: UInt32, height: UInt32)
  private let destination: (x: UInt32, y: UInt32, width: UInt32, height: UInt32)
  let all: KMSProperties
  let damage: UInt32?
  let colorEncoding: KMSProperty?
  let colorRange: KMSProperty?
  /// Where it lies among the others; nil where the hardware doesn't say.
  let position: KMSProperty?

  init?(_ plane: KMSPlane) {
    func id(_ name: String) -> UInt32? { plane.properties[name]?.id }
    guard let framebuffer = id("FB_ID"), let crtc = id("CRTC_ID"), let sourceX = id("SRC_X"),
      let sourceY = id("SRC_Y"), let sourceWidth = id("SRC_W"), let sourceHeight = id("SRC_H"),
      let x = id("CRTC_X"), let y = id("CRTC_Y"), let width = id("CRTC_W"), let height = id("CRTC_H")
    else { return nil }
    self.plane = plane.id
    self.framebuffer = framebuffer
    self.crtc = crtc
    source = (sourceX, sourceY, sourceWidth, sourceHeight)
    destination = (x, y, width, height)
    all = plane.properties
    damage = id("FB_DAMAGE_CLIPS")
    colorEncoding = plane.properties["COLOR_ENCODING"]
    colorRange = plane.properties["COLOR_RANGE"]
    position = plane.properties["zpos"]
  }

  /// Another picture in the same place.
  func show(_ framebuffer: UInt32, in request: inout KMSAtomicRequest) {
    request.set(plane, self.framebuffer, UInt64(framebuffer))
  }

  /// A picture and where it is to be seen: `source` in the picture's pixels, `destination` in the screen's.
  func place(
    _ framebuffer: UInt32, on crtc: UInt32, source from: PixelRectangle, destination to: PixelRectangle,
    in request: inout KMSAtomicRequest
  ) {
    request.set(plane, self.framebuffer, UInt64(framebuffer))
    request.set(plane, self.crtc, UInt64(crtc))
    // 16.16 fixed point.
    request.set(plane, source.x, UInt64(from.x) << 16)
    request.set(plane, source.y, UInt64(from.y) << 16)
    request.set(plane, source.width, UInt64(from.width) << 16)
    request.set(plane, source.height, UInt64(from.height) << 16)
    request.set(plane, destination.x, UInt64(bitPattern: Int64(to.x)))
    request.set(plane, destination.y, UInt64(bitPattern: Int64(to.y)))
    request.set(plane, destination.width, UInt64(to.width))
    request.set(plane, destination.height, UInt64(to.height))
  }

  /// Takes back what another program may have left: a turned or half transparent picture.
  func reset(in request: inout KMSAtomicRequest) {
    // The bit for upright, and opaque.
    request.set(all, "rotation", 1)
    request.set(all, "alpha", 0xFFFF)
  }

  /// Puts it behind or in front of all others, where the hardware leaves a choice.
  func order(inFront: Bool, in request: inout KMSAtomicRequest) {
    guard let position, !position.isImmutable, let range = position.range else { return }
    request.set(plane, position.id, inFront ? range.upperBound : range.lowerBound)
  }

  /// Takes the plane off the screen.
  func remove(in request: inout KMSAtomicRequest) {
    request.set(plane, framebuffer, 0)
    request.set(plane, crtc, 0)
  }
}

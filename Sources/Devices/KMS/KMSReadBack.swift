import CDRM
import CYUV
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Puts together what a CRTC shows from the pictures that the kernel says its planes scan out: for controllers without
/// write-back. Doesn't see what the hardware does to them (gamma, its own scaling filter).
enum KMSReadBack {
  /// What is scanned out now. Slow: mapped scan-out memory is read.
  static func capture(_ path: KMSOutput.Path) throws(KMSError) -> Canvas {
    let canvas = Canvas(width: path.mode.width, height: path.mode.height)
    let planes = path.card.planes().filter { $0.currentCRTC == path.crtc && $0.currentFramebuffer != 0 }
    for plane in planes.sorted(by: { order($0) < order($1) }) { try draw(plane, path.card, canvas) }
    guard !planes.isEmpty else { throw .notCapturable }
    return canvas
  }

  /// From behind to in front.
  private static func order(_ plane: KMSPlane) -> UInt64 {
    let kind: UInt64 =
      switch plane.kind {
      case .primary: 0
      case .overlay: 1
      case .cursor: 2
      }
    return (plane.position ?? kind) << 8 | kind
  }

  private static func draw(_ plane: KMSPlane, _ card: KMSCard, _ canvas: Canvas) throws(KMSError) {
    guard let information = drmModeGetFB2(card.descriptor, plane.currentFramebuffer) else {
      throw .system(operation: "asking for the picture that is shown", code: errno)
    }
    defer { drmModeFreeFB2(information) }
    let picture = information.pointee
    let handle = picture.handles.0
    guard handle != 0 else { throw .notCapturable }
    defer { drmCloseBufferHandle(card.descriptor, handle) }
    var offset: UInt64 = 0
    let code = drmModeMapDumbBuffer(card.descriptor, handle, &offset)
    guard code == 0 else { throw .system(operation: "mapping the picture that is shown", code: -code) }
    let isPlanar = picture.pixel_format == KMSBuffer.Format.nv12.code
    let rows = Int(picture.height)
    let size =
      isPlanar
      ? Int(picture.offsets.1) + Int(picture.pitches.1) * ((rows + 1) / 2)
      : Int(picture.offsets.0) + Int(picture.pitches.0) * rows
    guard let memory = mmap(nil, size, PROT_READ, MAP_SHARED, card.descriptor, off_t(offset)), memory != MAP_FAILED
    else { throw .system(operation: "mapping the picture that is shown", code: errno) }
    defer { munmap(memory, size) }

    func value(_ name: String) -> Int { Int(truncatingIfNeeded: Int64(bitPattern: plane.properties.value(name))) }
    let whole = Canvas(width: Int(picture.width), height: rows)
    let bytes = memory.assumingMemoryBound(to: UInt8.self)
    try convert(bytes, picture, plane, whole)
    let source = PixelRectangle(
      x: value("SRC_X") >> 16, y: value("SRC_Y") >> 16, width: value("SRC_W") >> 16, height: value("SRC_H") >> 16
    ).intersection(whole.bounds)
    let destination = PixelRectangle(
      x: value("CRTC_X"), y: value("CRTC_Y"), width: value("CRTC_W"), height: value("CRTC_H"))
    guard !source.isEmpty, canvas.bounds.contains(destination), !destination.isEmpty else { return }
    ARGBScale(
      whole.pixels + source.y * whole.stride + 4 * source.x, Int32(whole.stride), Int32(source.width),
      Int32(source.height), canvas.pixels + destination.y * canvas.stride + 4 * destination.x, Int32(canvas.stride),
      Int32(destination.width), Int32(destination.height), kFilterBilinear)
  }

  private static func convert(
    _ bytes: UnsafePointer<UInt8>, _ picture: drmModeFB2, _ plane: KMSPlane, _ canvas: Canvas
  ) throws(KMSError) {
    let first = bytes + Int(picture.offsets.0)
    let pitch = Int32(bitPattern: picture.pitches.0)
    let (width, height) = (Int32(canvas.width), Int32(canvas.height))
    switch picture.pixel_format {
    case salle_drm_format_xrgb8888, salle_drm_format_argb8888:
      ARGBCopy(first, pitch, canvas.pixels, Int32(canvas.stride), width, height)
    case salle_drm_format_xbgr8888, salle_drm_format_abgr8888:
      ABGRToARGB(first, pitch, canvas.pixels, Int32(canvas.stride), width, height)
    case salle_drm_format_rgb565:
      RGB565ToARGB(first, pitch, canvas.pixels, Int32(canvas.stride), width, height)
    case salle_drm_format_nv12:
      let isHD = plane.properties["COLOR_ENCODING"]?.choice?.contains("709") ?? false
      let isFull = plane.properties["COLOR_RANGE"]?.choice?.contains("full") ?? false
      let matrix: ColorMatrix = isHD ? (isFull ? .bt709FullRange : .bt709) : (isFull ? .bt601FullRange : .bt601)
      NV12ToARGBMatrix(
        first, pitch, bytes + Int(picture.offsets.1), Int32(bitPattern: picture.pitches.1), canvas.pixels,
        Int32(canvas.stride), matrix.yuvConstants, width, height)
    default: throw .notCapturable
    }
  }
}

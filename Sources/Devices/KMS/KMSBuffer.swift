import CDRM
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A picture in memory that the controller scans out ("dumb buffer"), seen by the program through a mapping that is
/// usually write-combined: fast to write in order, slow to read.
///
/// Not thread-safe: belongs to the output or layer that made it.
final class KMSBuffer {
  /// How pixels lie in it.
  enum Format {
    /// In memory B, G, R, X: a canvas's own.
    case xrgb8888
    /// In memory R, G, B, X.
    case xbgr8888
    /// 16 bits a pixel.
    case rgb565
    /// A luma plane, then one of Cb and Cr in turn, each half as wide and high.
    case nv12

    var code: UInt32 {
      switch self {
      case .xrgb8888: salle_drm_format_xrgb8888
      case .xbgr8888: salle_drm_format_xbgr8888
      case .rgb565: salle_drm_format_rgb565
      case .nv12: salle_drm_format_nv12
      }
    }

    fileprivate var bitsPerPixel: UInt32 {
      switch self {
      case .xrgb8888, .xbgr8888: 32
      case .rgb565: 16
      case .nv12: 8
      }
    }
  }

  let width: Int
  let height: Int
  let format: Format
  /// Bytes from one row to the next, of both planes.
  let pitch: Int
  /// The kernel's number for it as a picture to scan out.
  let framebuffer: UInt32
  let pixels: UnsafeMutablePointer<UInt8>

  private let card: KMSCard
  private let handle: UInt32
  private let size: Int

  /// A black picture.
  init(_ card: KMSCard, width: Int, height: Int, format: Format) throws(KMSError) {
    self.card = card
    self.width = width
    self.height = height
    self.format = format
    // The chroma plane lies below the luma plane, in rows of the same length.
    let rows = format == .nv12 ? height + (height + 1) / 2 : height
    // An odd width still has a Cb and a Cr for its last column.
    let columns = format == .nv12 ? (width + 1) & ~1 : width
    var (handle, pitch, size) = (UInt32(0), UInt32(0), UInt64(0))
    var code = drmModeCreateDumbBuffer(
      card.descriptor, UInt32(columns), UInt32(rows), format.bitsPerPixel, 0, &handle, &pitch, &size)
    guard code == 0 else { throw .system(operation: "creating a scan-out buffer", code: -code) }
    self.handle = handle
    self.pitch = Int(pitch)
    self.size = Int(size)

    var framebuffer: UInt32 = 0
    let chroma = format == .nv12
    let handles: [UInt32] = [handle, chroma ? handle : 0, 0, 0]
    let pitches: [UInt32] = [pitch, chroma ? pitch : 0, 0, 0]
    let offsets: [UInt32] = [0, chroma ? pitch * UInt32(height) : 0, 0, 0]
    code = drmModeAddFB2(
      card.descriptor, UInt32(width), UInt32(height), format.code, handles, pitches, offsets, &framebuffer, 0)
    guard code == 0 else {
      drmModeDestroyDumbBuffer(card.descriptor, handle)
      throw .system(operation: "describing a scan-out buffer", code: -code)
    }
    self.framebuffer = framebuffer

    var offset: UInt64 = 0
    code = drmModeMapDumbBuffer(card.descriptor, handle, &offset)
    let memory =
      code == 0
      ? mmap(nil, Int(size), PROT_READ | PROT_WRITE, MAP_SHARED, card.descriptor, off_t(offset)) : MAP_FAILED
    guard let memory, memory != MAP_FAILED else {
      let failure = code == 0 ? errno : -code
      drmModeRmFB(card.descriptor, framebuffer)
      drmModeDestroyDumbBuffer(card.descriptor, handle)
      throw .system(operation: "mapping a scan-out buffer", code: failure)
    }
    pixels = memory.bindMemory(to: UInt8.self, capacity: Int(size))
    if format == .nv12 {
      pixels.update(repeating: 16, count: self.pitch * height)
      (pixels + self.pitch * height).update(repeating: 128, count: self.pitch * (rows - height))
    }
  }

  deinit {
    munmap(pixels, size)
    drmModeRmFB(card.descriptor, framebuffer)
    drmModeDestroyDumbBuffer(card.descriptor, handle)
  }
}

import CDRM
import Realtime
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A write-back connector: where the controller itself writes what it scans out into memory.
struct KMSWriteBack {
  let connector: UInt32
  let properties: KMSProperties

  /// How long the controller may take.
  private static let patience: Int32 = 1_000

  /// A free write-back connector that can be joined to the CRTC and gives 32-bit pixels; nil where there is none.
  static func find(_ card: KMSCard, crtcIndex: Int) -> KMSWriteBack? {
    for connector in card.connectors(probing: false)
    where connector.isWriteBack && connector.possibleCRTCs & (1 << UInt32(crtcIndex)) != 0 {
      if card.isClaimed(connector.id) { continue }
      let formats = KMSConnector.blob(
        card.descriptor, UInt32(truncatingIfNeeded: connector.properties.value("WRITEBACK_PIXEL_FORMATS")))
      let codes = formats.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
      }
      if codes.contains(KMSBuffer.Format.xrgb8888.code) {
        return KMSWriteBack(connector: connector.id, properties: connector.properties)
      }
    }
    return nil
  }

  /// Joins it to the CRTC with the mode that is being set.
  func attach(to crtc: UInt32, in request: inout KMSAtomicRequest) {
    request.set(properties, "CRTC_ID", UInt64(crtc))
  }

  /// What is scanned out at the next vertical blank, all planes together. Takes some refresh intervals.
  func capture(_ path: KMSOutput.Path) throws(KMSError) -> Canvas {
    let buffer = try KMSBuffer(path.card, width: path.mode.width, height: path.mode.height, format: .xrgb8888)
    let fence = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    fence.initialize(to: -1)
    defer { fence.deallocate() }
    var request = KMSAtomicRequest()
    request.set(properties, "WRITEBACK_FB_ID", UInt64(buffer.framebuffer))
    request.set(properties, "WRITEBACK_OUT_FENCE_PTR", UInt64(UInt(bitPattern: fence)))
    let code = request.commit(path.card.descriptor, flags: 0)
    guard code == 0 else { throw .system(operation: "asking for a write-back", code: code) }
    guard fence.pointee >= 0 else { throw .notCapturable }
    defer { close(fence.pointee) }
    var wait = pollfd(fd: fence.pointee, events: Int16(POLLIN), revents: 0)
    var result: Int32
    repeat { result = poll(&wait, 1, Self.patience) } while result < 0 && errno == EINTR
    guard result > 0 else {
      throw .system(operation: "waiting for a write-back", code: result == 0 ? ETIMEDOUT : errno)
    }
    return buffer.copied()
  }
}

extension KMSBuffer {
  /// The pixels of an XRGB8888 buffer.
  func copied() -> Canvas {
    let canvas = Canvas(width: width, height: height)
    for row in 0..<canvas.height {
      (canvas.pixels + row * canvas.stride).update(from: pixels + row * pitch, count: 4 * canvas.width)
    }
    return canvas
  }
}

import CTurboJPEG
import Video

/// Encodes canvases as JPEG pictures into memory that is reused.
final class JPEGEncoder {
  private let handle: tjhandle?
  private var buffer: UnsafeMutablePointer<UInt8>?
  private var capacity: UInt = 0

  init() {
    handle = tjInitCompress()
  }

  deinit {
    if let handle { tjDestroy(handle) }
    tjFree(buffer)
  }

  /// Gives `body` the picture in 4:2:0 at `quality` (1 to 100). Nil when there is no memory.
  func encode<Result>(
    _ canvas: Canvas, quality: Int32, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result? {
    guard let handle else { return nil }
    let (width, height) = (Int32(canvas.width), Int32(canvas.height))
    let needed = tjBufSize(width, height, Int32(TJSAMP_420.rawValue))
    if needed > capacity {
      tjFree(buffer)
      buffer = tjAlloc(Int32(clamping: needed))
      capacity = buffer == nil ? 0 : needed
    }
    var count = capacity
    guard buffer != nil,
      tjCompress2(
        handle, canvas.pixels, width, Int32(canvas.stride), height, Int32(TJPF_BGRX.rawValue), &buffer, &count,
        Int32(TJSAMP_420.rawValue), quality, Int32(TJFLAG_NOREALLOC)) == 0, let buffer
    else { return nil }
    return body(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
  }
}

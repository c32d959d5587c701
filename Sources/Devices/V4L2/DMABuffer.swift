#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory of a driver that other drivers can use without a copy, by a file descriptor (DMA-BUF): a camera's picture on a
/// display's plane. The descriptor is closed with the last holder.
public final class DMABuffer: Sendable {
  /// The file descriptor. It belongs to this object: `dup(2)` what is to live longer.
  public let descriptor: Int32
  /// How long the memory is.
  public let byteCount: Int

  /// Takes over `descriptor`.
  init(descriptor: Int32, byteCount: Int) {
    self.descriptor = descriptor
    self.byteCount = byteCount
  }

  deinit {
    close(descriptor)
  }
}

/// Memory for an encoded picture that grows to the largest one seen and then stays, so that steady traffic allocates
/// nothing.
public class FrameBuffer {
  /// How many bytes are in use.
  public private(set) final var count = 0

  private final var memory: UnsafeMutableRawBufferPointer

  /// An empty buffer with room for `capacity` bytes.
  public init(capacity: Int = 16_384) {
    memory = .allocate(byteCount: max(capacity, 1), alignment: 16)
  }

  deinit {
    memory.deallocate()
  }

  /// The bytes in use. Valid until the buffer changes or is reused.
  public final var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Empties the buffer, keeping its memory.
  public final func removeAll() {
    count = 0
  }

  /// Appends a copy of `fragment`.
  public final func append(_ fragment: UnsafeRawBufferPointer) {
    guard let source = fragment.baseAddress, !fragment.isEmpty else { return }
    if count + fragment.count > memory.count { grow(to: count + fragment.count) }
    memory.baseAddress?.advanced(by: count).copyMemory(from: source, byteCount: fragment.count)
    count += fragment.count
  }

  private final func grow(to size: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, memory.count * 2), alignment: 16)
    larger.copyMemory(from: bytes)
    memory.deallocate()
    memory = larger
  }
}

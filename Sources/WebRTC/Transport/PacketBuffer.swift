/// Memory for one packet, reused through a `PacketPool`. Not thread-safe: it belongs to one event loop at a time.
public final class PacketBuffer {
  /// Bytes of memory in every buffer: an Ethernet packet and what SRTP appends.
  public static let capacity = 2_048

  /// The start of the memory, `capacity` bytes long.
  public let base: UnsafeMutableRawPointer
  // Beside the bytes, so that reading it isn't checked for exclusive access: it is read for every field of a packet.
  @usableFromInline let storedCount: UnsafeMutablePointer<Int>

  /// How many bytes are in use, at most `capacity`.
  @inlinable public var count: Int {
    get { storedCount.pointee }
    set { storedCount.pointee = newValue }
  }

  /// An empty buffer of its own.
  public init() {
    base = .allocate(byteCount: Self.capacity + MemoryLayout<Int>.size, alignment: 16)
    storedCount = (base + Self.capacity).initializeMemory(as: Int.self, to: 0)
  }

  deinit {
    base.deallocate()
  }

  /// The bytes in use. Valid while the buffer lives and isn't recycled.
  @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// All of the memory.
  public var memory: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: Self.capacity) }

  /// Replaces the contents by a copy of `bytes`; false, and unchanged, when they don't fit.
  @discardableResult
  public func assign(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= Self.capacity else { return false }
    if let source = bytes.baseAddress { base.copyMemory(from: source, byteCount: bytes.count) }
    count = bytes.count
    return true
  }
}

/// A stock of packet buffers for one event loop, so that steady traffic allocates nothing.
public final class PacketPool {
  private var free: [PacketBuffer] = []

  /// How many buffers were ever allocated: constant once traffic is steady.
  public private(set) var allocatedCount = 0

  /// An empty stock.
  public init() {}

  /// An empty buffer.
  public func take() -> PacketBuffer {
    if let buffer = free.popLast() {
      buffer.count = 0
      return buffer
    }
    allocatedCount += 1
    return PacketBuffer()
  }

  /// Takes `buffer` back; the caller uses it no more.
  public func recycle(_ buffer: PacketBuffer) {
    free.append(buffer)
  }
}

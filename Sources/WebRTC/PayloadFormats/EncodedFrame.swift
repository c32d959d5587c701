import Realtime

/// A video codec that Salle sends and receives.
public enum VideoCodec: Hashable, Sendable {
  /// VP8 (RFC 6386), carried as RFC 7741 says.
  case vp8
  /// VP9 profile 0, carried as RFC 9628 says.
  case vp9
}

/// One received picture, encoded, complete and decodable in its turn; with VP9 SVC all its spatial layers one after
/// another. Reused: its memory grows to the largest frame seen and then stays.
///
/// Not thread-safe; it travels between threads in a `RecyclingRing`, owned by one side at a time.
public final class EncodedFrame {
  /// The codec, which may change from one frame of a track to the next.
  public var codec = VideoCodec.vp8
  /// RTP timestamp, 90 kHz.
  public var timestamp: UInt32 = 0
  /// Whether decoding may start here.
  public var isKeyFrame = false
  /// When the first of its packets arrived.
  public var receivedAt = Instant(nanoseconds: 0)
  /// When the frame was complete.
  public var completedAt = Instant(nanoseconds: 0)
  /// How many of `memory`'s bytes are the frame.
  public private(set) var count = 0

  private var memory: UnsafeMutableRawBufferPointer

  /// An empty frame with room for `capacity` bytes.
  public init(capacity: Int = 16_384) {
    memory = .allocate(byteCount: max(capacity, 1), alignment: 16)
  }

  deinit {
    memory.deallocate()
  }

  /// The frame's bytes. Valid until the frame changes or is reused.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Empties the frame, keeping its memory.
  public func removeAll() {
    count = 0
  }

  /// Appends a copy of `fragment`.
  public func append(_ fragment: UnsafeRawBufferPointer) {
    guard let source = fragment.baseAddress, !fragment.isEmpty else { return }
    if count + fragment.count > memory.count { grow(to: count + fragment.count) }
    memory.baseAddress?.advanced(by: count).copyMemory(from: source, byteCount: fragment.count)
    count += fragment.count
  }

  private func grow(to size: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, memory.count * 2), alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
    memory.deallocate()
    memory = larger
  }
}

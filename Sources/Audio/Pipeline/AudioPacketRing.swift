import Realtime
import Synchronization

/// Carries coded audio packets from one thread to one other, lock-free and free of allocation: slots of fixed size hold
/// the bytes themselves. A full ring refuses the packet and counts it.
///
/// `@unchecked Sendable`: a slot belongs to the producer until `tail` has passed it, then to the consumer until `head` has.
public final class AudioPacketRing: @unchecked Sendable {
  /// The most bytes a packet may have.
  public static let maximumByteCount = 1_500

  /// What a packet is.
  public enum Kind: Sendable {
    /// The packet itself.
    case primary
    /// A redundant encoding of an earlier one (RFC 2198); only its timestamp counts.
    case redundant
  }

  /// All of a packet but its bytes.
  public struct Header: Sendable {
    /// Extended RTP sequence number; on the way out, counted from 0 by the pipeline.
    public var sequenceNumber: Int64
    /// RTP timestamp at 48 kHz.
    public var timestamp: UInt32
    /// On the way in, when the packet arrived; on the way out, when its first sample was captured.
    public var time: Instant
    /// Primary or redundant.
    public var kind: Kind
    /// Level for RFC 6464, in -dBov; on the way out only.
    public var audioLevel: UInt8
    /// Voice activity for RFC 6464; on the way out only.
    public var voiceActivity: Bool

    /// A packet's description.
    public init(
      sequenceNumber: Int64, timestamp: UInt32, time: Instant, kind: Kind = .primary, audioLevel: UInt8 = 127,
      voiceActivity: Bool = false
    ) {
      self.sequenceNumber = sequenceNumber
      self.timestamp = timestamp
      self.time = time
      self.kind = kind
      self.audioLevel = audioLevel
      self.voiceActivity = voiceActivity
    }
  }

  /// Raised with each packet, for a consumer that sleeps.
  public let signal = ThreadSignal()

  private let headers: UnsafeMutablePointer<Header>
  private let byteCounts: UnsafeMutablePointer<Int>
  private let bytes: UnsafeMutableRawPointer
  private let mask: Int
  private let head = Atomic<Int>(0)
  private let tail = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)

  /// A ring for `capacity` packets, rounded up to a power of two.
  public init(capacity: Int) {
    var size = 1
    while size < capacity { size <<= 1 }
    mask = size - 1
    headers = .allocate(capacity: size)
    byteCounts = .allocate(capacity: size)
    bytes = .allocate(byteCount: size * Self.maximumByteCount, alignment: 16)
  }

  deinit {
    headers.deallocate()
    byteCounts.deallocate()
    bytes.deallocate()
  }

  /// How many packets were refused because the ring was full or they were too long.
  public var droppedCount: Int { dropped.load(ordering: .relaxed) }

  /// How many packets wait. Exact only on the consumer's or the producer's thread.
  public var count: Int { tail.load(ordering: .acquiring) - head.load(ordering: .acquiring) }

  /// Appends a copy of a packet; false if the ring is full or the packet too long. Producer's thread only.
  @discardableResult
  public func push(_ header: Header, payload: UnsafeRawBufferPointer) -> Bool {
    let end = tail.load(ordering: .relaxed)
    guard payload.count <= Self.maximumByteCount, end - head.load(ordering: .acquiring) <= mask else {
      dropped.wrappingAdd(1, ordering: .relaxed)
      return false
    }
    let slot = end & mask
    (headers + slot).initialize(to: header)
    byteCounts[slot] = payload.count
    if let source = payload.baseAddress {
      (bytes + slot * Self.maximumByteCount).copyMemory(from: source, byteCount: payload.count)
    }
    tail.store(end + 1, ordering: .releasing)
    signal.raise()
    return true
  }

  /// Hands the oldest packet to `body` and drops it; false if none waits. The bytes are valid inside `body` only.
  /// Consumer's thread only.
  @discardableResult
  public func pop(_ body: (Header, UnsafeRawBufferPointer) -> Void) -> Bool {
    let start = head.load(ordering: .relaxed)
    if start == tail.load(ordering: .acquiring) { return false }
    let slot = start & mask
    body(
      headers[slot], UnsafeRawBufferPointer(start: bytes + slot * Self.maximumByteCount, count: byteCounts[slot]))
    head.store(start + 1, ordering: .releasing)
    return true
  }
}

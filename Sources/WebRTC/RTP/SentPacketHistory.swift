import Realtime

/// The last packets that a stream sent, before encryption, for the case that they are asked for again.
///
/// A ring over sequence numbers: a packet takes the memory of one that was forgotten. It grows until it holds what a
/// stream sends within `maximumAge`, which a stream of few packets does with little memory.
struct SentPacketHistory {
  struct Slot {
    var buffer: PacketBuffer?
    var sequenceNumber: UInt16 = 0
    var sentAt = Instant(nanoseconds: .min)
    var repeatedAt = Instant(nanoseconds: .min)
    var repeatCount = 0
    /// Whether the packet waits to be sent again.
    var isPending = false
  }

  private var slots: [Slot]
  private var mask: Int
  private let maximumCount: Int
  private let maximumAge: Duration

  private static let initialCount = 32

  /// A history of the last `capacity` packets, rounded up to a power of two and at most 1,024, which are forgotten when
  /// they are `maximumAge` old.
  init(capacity: Int, maximumAge: Duration) {
    var size = 1
    while size < min(capacity, 1_024) { size *= 2 }
    maximumCount = size
    slots = [Slot](repeating: Slot(), count: min(size, Self.initialCount))
    mask = slots.count - 1
    self.maximumAge = maximumAge
  }

  /// Keeps a copy of `packet`, the stream's packet `sequenceNumber`.
  mutating func store(_ packet: PacketBuffer, _ sequenceNumber: UInt16, at now: Instant) {
    var index = Int(sequenceNumber) & mask
    while slots.count < maximumCount, isKept(index, at: now) {
      grow()
      index = Int(sequenceNumber) & mask
    }
    if slots[index].buffer == nil { slots[index].buffer = PacketBuffer() }
    slots[index].buffer?.assign(packet.bytes)
    slots[index].sequenceNumber = sequenceNumber
    slots[index].sentAt = now
    slots[index].repeatedAt = Instant(nanoseconds: .min)
    slots[index].repeatCount = 0
    slots[index].isPending = false
  }

  /// The index of packet `sequenceNumber`'s slot; nil when the packet isn't kept any more.
  func index(of sequenceNumber: UInt16, at now: Instant) -> Int? {
    let index = Int(sequenceNumber) & mask
    return slots[index].sequenceNumber == sequenceNumber && isKept(index, at: now) ? index : nil
  }

  private func isKept(_ index: Int, at now: Instant) -> Bool {
    slots[index].buffer != nil && now - slots[index].sentAt <= maximumAge
  }

  // Two packets that had different places in the smaller ring have different places in the larger one.
  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    mask = slots.count - 1
    for slot in old where slot.buffer != nil { slots[Int(slot.sequenceNumber) & mask] = slot }
  }

  subscript(index: Int) -> Slot {
    get { slots[index] }
    _modify { yield &slots[index] }
  }
}

import Realtime

/// The last packets that a stream sent, before encryption, for the case that they are asked for again.
///
/// A ring over sequence numbers: the memory of a packet is that of the one `capacity` numbers before it.
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
  private let mask: Int
  private let maximumAge: Duration

  /// A history of the last `capacity` packets, rounded up to a power of two and at most 1,024, which are forgotten when
  /// they are `maximumAge` old.
  init(capacity: Int, maximumAge: Duration) {
    var size = 1
    while size < min(capacity, 1_024) { size *= 2 }
    slots = [Slot](repeating: Slot(), count: size)
    mask = size - 1
    self.maximumAge = maximumAge
  }

  /// Keeps a copy of `packet`, the stream's packet `sequenceNumber`.
  mutating func store(_ packet: PacketBuffer, _ sequenceNumber: UInt16, at now: Instant) {
    let index = Int(sequenceNumber) & mask
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
    guard slots[index].buffer != nil, slots[index].sequenceNumber == sequenceNumber,
      now - slots[index].sentAt <= maximumAge
    else { return nil }
    return index
  }

  subscript(index: Int) -> Slot {
    get { slots[index] }
    _modify { yield &slots[index] }
  }
}

/// The packets of one stream that wait for their turn, in the order of their timestamps. All memory is reserved up front;
/// slots are reused last in, first out, so that only as many pages are touched as packets really wait.
final class JitterPacketStore {
  /// Bytes a packet may have: what fits into a network packet.
  static let maximumByteCount = 1_500
  /// Packets that may wait: 2 s in packets of 10 ms.
  static let capacity = 200

  struct Entry {
    /// Extended RTP timestamp of the first sample.
    var timestamp: Int64
    /// Duration in samples per channel.
    var sampleCount: Int
    var isRedundant: Bool
    fileprivate(set) var slot = 0
    fileprivate(set) var byteCount = 0
  }

  private let bytes: UnsafeMutableRawPointer
  private let entries: UnsafeMutablePointer<Entry>
  private let freeSlots: UnsafeMutablePointer<Int>
  private(set) var count = 0

  init() {
    bytes = .allocate(byteCount: Self.capacity * Self.maximumByteCount, alignment: 16)
    entries = .allocate(capacity: Self.capacity)
    freeSlots = .allocate(capacity: Self.capacity)
    for slot in 0..<Self.capacity { freeSlots[slot] = slot }
  }

  deinit {
    bytes.deallocate()
    entries.deallocate()
    freeSlots.deallocate()
  }

  var isFull: Bool { count == Self.capacity }

  /// The packet to play next.
  var first: Entry? { count > 0 ? entries[0] : nil }

  /// The timestamp after the last waiting packet.
  var end: Int64? { count > 0 ? entries[count - 1].timestamp + Int64(entries[count - 1].sampleCount) : nil }

  /// The bytes of a waiting packet.
  func payload(of entry: Entry) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: bytes + entry.slot * Self.maximumByteCount, count: entry.byteCount)
  }

  /// Stores a packet. False if one with its timestamp waits already (a primary one takes the place of a redundant one),
  /// if it is too long, or if the store is full.
  func insert(_ entry: Entry, payload: UnsafeRawBufferPointer) -> Bool {
    guard payload.count <= Self.maximumByteCount, let source = payload.baseAddress else { return false }
    var index = count
    while index > 0, entries[index - 1].timestamp >= entry.timestamp { index -= 1 }
    var entry = entry
    entry.byteCount = payload.count
    if index < count, entries[index].timestamp == entry.timestamp {
      guard entries[index].isRedundant, !entry.isRedundant else { return false }
      entry.slot = entries[index].slot
    } else {
      guard count < Self.capacity else { return false }
      entry.slot = freeSlots[Self.capacity - 1 - count]
      for place in stride(from: count, to: index, by: -1) { entries[place] = entries[place - 1] }
      count += 1
    }
    entries[index] = entry
    (bytes + entry.slot * Self.maximumByteCount).copyMemory(from: source, byteCount: payload.count)
    return true
  }

  /// Drops the packet to play next.
  func removeFirst() {
    guard count > 0 else { return }
    freeSlots[Self.capacity - count] = entries[0].slot
    count -= 1
    for place in 0..<count { entries[place] = entries[place + 1] }
  }

  func removeAll() {
    while count > 0 { removeFirst() }
  }
}

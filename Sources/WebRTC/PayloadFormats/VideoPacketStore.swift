import Realtime

/// Keeps up to `window` packets by sequence number until the frame assembler has used or given up each.
///
/// The slots are allocated once; the packets' memory comes from a pool and goes back to it.
struct VideoPacketStore: ~Copyable {
  /// Packets between the oldest one that is waited for and the newest: a key frame of 1080p has some 200, and at
  /// 5 Mb/s this is two seconds.
  static let window: Int64 = 1_024

  enum State {
    case missing
    /// Retransmission was given up, or what came was garbage.
    case abandoned
    case padding
    case present
  }

  struct Slot {
    var state = State.missing
    var marker = false
    var timestamp: UInt32 = 0
    var arrival = Instant(nanoseconds: 0)
    var payload = VideoPayload()
    var buffer: PacketBuffer?
  }

  /// The oldest sequence number not used yet.
  private(set) var head: Int64 = 0
  /// One past the newest sequence number seen.
  private(set) var end: Int64 = 0
  private let slots: UnsafeMutablePointer<Slot>
  private let pool: PacketPool

  init(pool: PacketPool) {
    self.pool = pool
    slots = .allocate(capacity: Int(Self.window))
    slots.initialize(repeating: Slot(), count: Int(Self.window))
  }

  deinit {
    for index in 0..<Int(Self.window) {
      if let buffer = slots[index].buffer { pool.recycle(buffer) }
    }
    slots.deinitialize(count: Int(Self.window))
    slots.deallocate()
  }

  /// The slot of `sequenceNumber`, which must be in `head..<head + window`.
  private func slot(_ sequenceNumber: Int64) -> UnsafeMutablePointer<Slot> {
    slots + Int(sequenceNumber & (Self.window - 1))
  }

  subscript(sequenceNumber: Int64) -> UnsafePointer<Slot> { UnsafePointer(slot(sequenceNumber)) }

  func state(_ sequenceNumber: Int64) -> State { slot(sequenceNumber).pointee.state }

  /// The codec's bytes of a present packet.
  func bytes(_ sequenceNumber: Int64) -> UnsafeRawBufferPointer {
    guard let buffer = slot(sequenceNumber).pointee.buffer else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: buffer.bytes[slot(sequenceNumber).pointee.payload.offset...])
  }

  /// The scalability structure that a present packet carries.
  func structure(_ sequenceNumber: Int64) -> UnsafeRawBufferPointer? {
    guard let range = slot(sequenceNumber).pointee.payload.structure, let buffer = slot(sequenceNumber).pointee.buffer
    else { return nil }
    return UnsafeRawBufferPointer(rebasing: buffer.bytes[range])
  }

  /// The first present packet from `sequenceNumber` on.
  func firstPresent(from sequenceNumber: Int64) -> Int64? {
    var position = sequenceNumber
    while position < end {
      if state(position) == .present { return position }
      position += 1
    }
    return nil
  }

  /// Makes the empty store begin, or the store with unused packets begin earlier, at `sequenceNumber`.
  mutating func begin(at sequenceNumber: Int64) {
    if head == end { end = sequenceNumber }
    head = sequenceNumber
  }

  /// Notes that `sequenceNumber`, inside of the window, has been seen.
  mutating func extend(to sequenceNumber: Int64) {
    end = max(end, sequenceNumber + 1)
  }

  mutating func mark(_ sequenceNumber: Int64, as state: State) {
    slot(sequenceNumber).pointee.state = state
  }

  mutating func keep(
    _ bytes: UnsafeRawBufferPointer, payload: VideoPayload, timestamp: UInt32, marker: Bool, at now: Instant,
    as sequenceNumber: Int64
  ) {
    let buffer = pool.take()
    buffer.assign(bytes)
    slot(sequenceNumber).pointee = Slot(
      state: .present, marker: marker, timestamp: timestamp, arrival: now, payload: payload, buffer: buffer)
  }

  /// Frees the packet at the head and moves on by one.
  mutating func advance() {
    let first = slot(head)
    if let buffer = first.pointee.buffer { pool.recycle(buffer) }
    first.pointee.buffer = nil
    first.pointee.state = .missing
    head += 1
    end = max(end, head)
  }

  /// Moves the head of an emptied store.
  mutating func jump(to sequenceNumber: Int64) {
    while head < end { advance() }
    head = sequenceNumber
    end = sequenceNumber
  }
}

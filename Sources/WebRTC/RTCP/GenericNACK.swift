/// Generic NACK (RFC 4585 section 6.2.1): the sequence numbers that a receiver misses.
public struct GenericNACK: Sequence, IteratorProtocol {
  static let format: UInt8 = 1

  /// Who misses them.
  public let senderSSRC: UInt32
  /// The stream they belong to.
  public let mediaSSRC: UInt32

  private let body: UnsafeRawBufferPointer
  private var offset = 8
  private var packetID: UInt16 = 0
  // What is left of the bitmask of following lost packets; bit 0 belongs to packetID.
  private var pending: UInt32 = 0

  /// `body` has at least 8 bytes.
  init(_ body: UnsafeRawBufferPointer) {
    senderSSRC = body.networkUInt32(at: 0)
    mediaSSRC = body.networkUInt32(at: 4)
    self.body = body
  }

  /// The next missing sequence number; nil after the last.
  public mutating func next() -> UInt16? {
    if pending == 0 {
      guard body.count - offset >= 4 else { return nil }
      packetID = body.networkUInt16(at: offset)
      pending = UInt32(body.networkUInt16(at: offset + 2)) << 1 | 1
      offset += 4
    }
    let distance = pending.trailingZeroBitCount
    pending &= pending - 1
    return packetID &+ UInt16(distance)
  }
}

/// One block of a RED packet (RFC 2198, section 3).
public struct REDBlock: Hashable, Sendable {
  /// The payload type of what the block holds.
  public let payloadType: UInt8
  /// How much earlier than the packet's RTP timestamp the block's sound is, in timestamp units, 0 to 16383.
  public let timestampOffset: UInt32
  /// Where the block's bytes are in the RTP payload; may be empty.
  public let range: Range<Int>
  /// Whether this is the packet's own sound, the last block; the others repeat earlier packets.
  public let isPrimary: Bool
}

/// The blocks of a RED packet (RFC 2198), oldest first and the primary one last.
public struct REDPacket: Sequence, IteratorProtocol {
  /// Most blocks that are accepted in a packet. Senders use two or three; more is an attack on our time.
  public static let maximumBlockCount = 16

  private let payload: UnsafeRawBufferPointer
  private var headerOffset = 0
  private var dataOffset: Int
  private var finished = false

  /// Checks all block headers of `payload`, the payload of an RTP packet with RED's payload type. The memory must stay
  /// valid while the blocks are read.
  /// - Throws: `truncated` when the blocks don't fit into the payload, `unsupported` above `maximumBlockCount`.
  public init(parsing payload: UnsafeRawBufferPointer) throws(PayloadFormatError) {
    var reader = PayloadReader(payload)
    var redundantBytes = 0
    var blocks = 1
    while try reader.byte() & 0x80 != 0 {
      try reader.skip(1)
      redundantBytes += Int(try reader.twoBytes() & 0x3FF)
      blocks += 1
      if blocks > Self.maximumBlockCount { throw .unsupported }
    }
    guard redundantBytes <= reader.remaining else { throw .truncated }
    self.payload = payload
    dataOffset = reader.offset
  }

  /// The next block, or nil after the primary one.
  public mutating func next() -> REDBlock? {
    if finished { return nil }
    let first = payload[headerOffset]
    if first & 0x80 == 0 {
      finished = true
      return REDBlock(
        payloadType: first & 0x7F, timestampOffset: 0, range: dataOffset..<payload.count, isPrimary: true)
    }
    let fields =
      UInt32(payload[headerOffset + 1]) << 16 | UInt32(payload[headerOffset + 2]) << 8
      | UInt32(payload[headerOffset + 3])
    let start = dataOffset
    headerOffset += 4
    dataOffset += Int(fields & 0x3FF)
    return REDBlock(
      payloadType: first & 0x7F, timestampOffset: fields >> 10, range: start..<dataOffset, isPrimary: false)
  }
}

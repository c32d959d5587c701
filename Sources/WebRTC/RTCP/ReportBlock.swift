/// What a receiver says of one source (RFC 3550 section 6.4.1).
public struct ReportBlock: Hashable, Sendable {
  static let byteCount = 24

  /// The source that the block is about.
  public var ssrc: UInt32
  /// The fraction of packets lost since the previous report, in 1/256.
  public var fractionLost: UInt8
  /// Packets lost since the beginning, −2²³…2²³−1; negative when duplicates outweigh losses.
  public var cumulativeLost: Int32
  /// The highest sequence number received in the lower 16 bits, the cycles in the upper.
  public var highestSequenceNumber: UInt32
  /// Interarrival jitter in units of the stream's clock.
  public var jitter: UInt32
  /// The middle bits of the last sender report's NTP time; 0 when none came.
  public var lastSenderReport: UInt32
  /// The time since that report came, in 1/65,536 s; 0 when none came.
  public var delaySinceLastSenderReport: UInt32

  /// A block with these fields.
  public init(
    ssrc: UInt32, fractionLost: UInt8, cumulativeLost: Int32, highestSequenceNumber: UInt32, jitter: UInt32,
    lastSenderReport: UInt32, delaySinceLastSenderReport: UInt32
  ) {
    self.ssrc = ssrc
    self.fractionLost = fractionLost
    self.cumulativeLost = cumulativeLost
    self.highestSequenceNumber = highestSequenceNumber
    self.jitter = jitter
    self.lastSenderReport = lastSenderReport
    self.delaySinceLastSenderReport = delaySinceLastSenderReport
  }

  init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    ssrc = bytes.networkUInt32(at: offset)
    fractionLost = bytes[offset + 4]
    cumulativeLost = Int32(bitPattern: bytes.networkUInt24(at: offset + 5) << 8) >> 8
    highestSequenceNumber = bytes.networkUInt32(at: offset + 8)
    jitter = bytes.networkUInt32(at: offset + 12)
    lastSenderReport = bytes.networkUInt32(at: offset + 16)
    delaySinceLastSenderReport = bytes.networkUInt32(at: offset + 20)
  }

  func store(in memory: UnsafeMutableRawBufferPointer, at offset: Int) {
    memory.storeNetwork(ssrc, at: offset)
    memory[offset + 4] = fractionLost
    memory.storeNetwork24(UInt32(bitPattern: min(max(cumulativeLost, -0x80_0000), 0x7F_FFFF)), at: offset + 5)
    memory.storeNetwork(highestSequenceNumber, at: offset + 8)
    memory.storeNetwork(jitter, at: offset + 12)
    memory.storeNetwork(lastSenderReport, at: offset + 16)
    memory.storeNetwork(delaySinceLastSenderReport, at: offset + 20)
  }
}

/// The report blocks of one packet, at most 31.
public struct ReportBlocks: RandomAccessCollection {
  private let bytes: UnsafeRawBufferPointer

  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int, count: Int) {
    guard bytes.count - offset >= count * ReportBlock.byteCount else { return nil }
    self.bytes = bytes.part(at: offset, count: count * ReportBlock.byteCount)
  }

  /// Always 0.
  public var startIndex: Int { 0 }
  /// How many blocks.
  public var endIndex: Int { bytes.count / ReportBlock.byteCount }
  /// The block at `position`.
  public subscript(position: Int) -> ReportBlock { ReportBlock(bytes, at: position * ReportBlock.byteCount) }
}

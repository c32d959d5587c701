/// The VP8 payload descriptor (RFC 7741, section 4.2).
public struct VP8Descriptor: Hashable, Sendable {
  /// N: the frame can be dropped without harm to any other.
  public var isNonReference = false
  /// S: the payload begins a VP8 partition.
  public var startsPartition = false
  /// PID: which partition, 0 to 7; the frame begins where `startsPartition` is set for partition 0.
  public var partition: UInt8 = 0
  /// PictureID, 7 or 15 bits as `pictureIDIsLong` says; nil when absent.
  public var pictureID: UInt16?
  /// M: whether the picture id has 15 bits.
  public var pictureIDIsLong = true
  /// TL0PICIDX: running count of pictures of temporal layer 0; nil when absent.
  public var temporalBaseIndex: UInt8?
  /// TID: the temporal layer, 0 to 3; nil when absent.
  public var temporalLayer: UInt8?
  /// Y: the frame depends on temporal layer 0 alone. Meaningful with a temporal layer only.
  public var isLayerSync = false
  /// KEYIDX: running count of key frames, 5 bits; nil when absent.
  public var keyIndex: UInt8?

  /// Most bytes that a descriptor takes.
  public static let maximumSize = 6

  /// A descriptor without optional fields.
  public init() {}

  /// Whether a frame begins with this payload.
  public var startsFrame: Bool { startsPartition && partition == 0 }

  /// Reads the descriptor at the start of `payload` and sets `count` to its length in bytes.
  /// - Throws: `truncated` when the payload ends within the descriptor or has no byte after it.
  public init(parsing payload: UnsafeRawBufferPointer, count: inout Int) throws(PayloadFormatError) {
    var reader = PayloadReader(payload)
    let first = try reader.byte()
    isNonReference = first & 0x20 != 0
    startsPartition = first & 0x10 != 0
    partition = first & 0x07
    let extensions = first & 0x80 != 0 ? try reader.byte() : 0
    if extensions & 0x80 != 0 {
      let high = try reader.byte()
      pictureIDIsLong = high & 0x80 != 0
      pictureID = UInt16(high & 0x7F)
      if pictureIDIsLong { pictureID = UInt16(high & 0x7F) << 8 | UInt16(try reader.byte()) }
    }
    if extensions & 0x40 != 0 { temporalBaseIndex = try reader.byte() }
    if extensions & 0x30 != 0 {
      let indices = try reader.byte()
      if extensions & 0x20 != 0 {
        temporalLayer = indices >> 6
        isLayerSync = indices & 0x20 != 0
      }
      if extensions & 0x10 != 0 { keyIndex = indices & 0x1F }
    }
    if reader.remaining == 0 { throw .truncated }
    count = reader.offset
  }

  /// Writes the descriptor.
  /// - Returns: its length in bytes; 0 when it doesn't fit.
  public func write(into memory: UnsafeMutableRawBufferPointer) -> Int {
    var writer = PayloadWriter(memory)
    var extensions: UInt8 = 0
    if pictureID != nil { extensions |= 0x80 }
    if temporalBaseIndex != nil { extensions |= 0x40 }
    if temporalLayer != nil { extensions |= 0x20 }
    if keyIndex != nil { extensions |= 0x10 }
    writer.byte(
      (extensions != 0 ? 0x80 : 0) | (isNonReference ? 0x20 : 0) | (startsPartition ? 0x10 : 0) | (partition & 0x07))
    if extensions != 0 { writer.byte(extensions) }
    if let pictureID {
      if pictureIDIsLong { writer.twoBytes(0x8000 | pictureID) } else { writer.byte(UInt8(pictureID & 0x7F)) }
    }
    if let temporalBaseIndex { writer.byte(temporalBaseIndex) }
    if temporalLayer != nil || keyIndex != nil {
      writer.byte(((temporalLayer ?? 0) & 3) << 6 | (isLayerSync ? 0x20 : 0) | ((keyIndex ?? 0) & 0x1F))
    }
    return writer.overflowed ? 0 : writer.count
  }
}

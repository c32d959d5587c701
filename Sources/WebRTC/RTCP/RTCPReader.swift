/// Reads the packets of one RTCP datagram, compound or of reduced size (RFC 3550 section 6.1, RFC 5506), one after
/// another and without copying.
///
/// A packet that contradicts itself is passed over; one that reaches past the datagram's end, or has a wrong version,
/// ends the reading.
public struct RTCPReader: Sequence, IteratorProtocol {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  /// Whether something in what was read so far was malformed.
  public private(set) var isMalformed = false

  /// A reader of `datagram`, decrypted, whose bytes the packets refer to.
  public init(_ datagram: UnsafeRawBufferPointer) {
    bytes = datagram
  }

  /// Whether `datagram`, which came where RTP and RTCP are multiplexed, is RTCP (RFC 5761 section 4): packet types
  /// 192…223, which RTP's payload types with a marker leave free. True for encrypted datagrams too.
  public static func isRTCP(_ datagram: UnsafeRawBufferPointer) -> Bool {
    datagram.count >= 8 && datagram[0] >> 6 == 2 && (192...223).contains(datagram[1])
  }

  /// The next packet; nil after the last.
  public mutating func next() -> RTCPPacket? {
    while offset < bytes.count {
      guard let header = RTCPHeader(bytes, at: offset) else {
        isMalformed = true
        offset = bytes.count
        return nil
      }
      let body = bytes.part(at: offset + RTCPHeader.count, count: header.paddedCount)
      offset += RTCPHeader.count + body.count
      if let packet = RTCPPacket(header, body) { return packet }
      isMalformed = true
    }
    return nil
  }
}

/// What all RTCP packets begin with (RFC 3550 section 6.4.1).
struct RTCPHeader {
  static let count = 4

  /// The five bits that count blocks or, in feedback messages, tell the format.
  var format: UInt8
  var type: UInt8
  /// Bytes that follow this header, padding included.
  var paddedCount: Int
  /// Bytes between this header and the padding; nil when the padding is said to be more than there is, or nothing.
  var bodyCount: Int?

  /// The header at `offset`; nil when it or what it announces isn't there.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard bytes.count - offset >= Self.count, bytes[offset] >> 6 == 2 else { return nil }
    format = bytes[offset] & 0x1F
    type = bytes[offset + 1]
    paddedCount = 4 * Int(bytes.networkUInt16(at: offset + 2))
    guard bytes.count - offset - Self.count >= paddedCount else { return nil }
    bodyCount = paddedCount
    if bytes[offset] & 0x20 != 0 {
      let paddingCount = paddedCount > 0 ? Int(bytes[offset + Self.count + paddedCount - 1]) : 0
      bodyCount = paddingCount > 0 && paddingCount <= paddedCount ? paddedCount - paddingCount : nil
    }
  }
}

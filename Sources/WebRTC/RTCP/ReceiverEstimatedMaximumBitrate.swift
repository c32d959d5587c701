/// REMB (draft-alvestrand-rmcat-remb-03 section 2.2): the bitrate that all of a sender's streams together may have. The
/// elements are the streams' SSRCs.
public struct ReceiverEstimatedMaximumBitrate: RandomAccessCollection {
  static let format: UInt8 = 15
  static let identifier: UInt32 = 0x5245_4D42  // "REMB"
  /// The count of streams is one byte.
  static let maximumStreamCount = 255

  /// Who estimates.
  public let senderSSRC: UInt32
  /// Bits per second, saturated at the range of 64 bits.
  public let bitrate: UInt64
  private let streams: UnsafeRawBufferPointer

  /// Nil when the application layer feedback `body`, of at least 8 bytes, isn't a REMB.
  init?(_ body: UnsafeRawBufferPointer) {
    guard body.count >= 16, body.networkUInt32(at: 8) == Self.identifier else { return nil }
    let count = Int(body[12])
    guard body.count - 16 >= 4 * count else { return nil }
    senderSSRC = body.networkUInt32(at: 0)
    let bits = body.networkUInt24(at: 13)
    let mantissa = UInt64(bits & 0x3FFFF)
    let exponent = Int(bits >> 18)
    let shifted = mantissa << UInt64(exponent)
    bitrate = shifted >> UInt64(exponent) == mantissa ? shifted : .max
    streams = body.part(at: 16, count: 4 * count)
  }

  /// The 24 bits of `bitrate`: six of exponent, eighteen of mantissa. Rounded down, so as never to allow more.
  static func encode(bitrate: UInt64) -> UInt32 {
    let exponent = Swift.max(0, 64 - bitrate.leadingZeroBitCount - 18)
    return UInt32(exponent) << 18 | UInt32(bitrate >> UInt64(exponent))
  }

  /// Always 0.
  public var startIndex: Int { 0 }
  /// How many streams.
  public var endIndex: Int { streams.count / 4 }
  /// The SSRC at `position`.
  public subscript(position: Int) -> UInt32 { streams.networkUInt32(at: 4 * position) }
}

/// PLI (RFC 4585 section 6.3.1): the receiver can't go on decoding and needs a key frame.
public struct PictureLossIndication: Hashable, Sendable {
  static let format: UInt8 = 1

  /// Who asks.
  public let senderSSRC: UInt32
  /// The stream that is to continue with a key frame.
  public let mediaSSRC: UInt32

  /// `body` has at least 8 bytes.
  init(_ body: UnsafeRawBufferPointer) {
    senderSSRC = body.networkUInt32(at: 0)
    mediaSSRC = body.networkUInt32(at: 4)
  }
}

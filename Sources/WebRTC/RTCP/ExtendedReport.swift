/// XR (RFC 3611): of its blocks those that measure the round trip to an endpoint that only receives.
public struct ExtendedReport: Sequence, IteratorProtocol {
  /// One block of the report.
  public enum Block: Hashable, Sendable {
    /// Receiver reference time (section 4.4): the reporter's NTP clock.
    case receiverReferenceTime(NTPTime)
    /// One sub-block of DLRR (section 4.5): to the receiver `ssrc`, the middle bits of its last reference time and the
    /// delay since that came, in 1/65,536 s.
    case delaySinceLastReceiverReport(ssrc: UInt32, lastReport: UInt32, delay: UInt32)
  }

  static let receiverReferenceTimeBlock: UInt8 = 4
  static let delaySinceLastReceiverReportBlock: UInt8 = 5

  /// The reporter.
  public let ssrc: UInt32
  private let body: UnsafeRawBufferPointer
  private var offset = 4
  // Sub-blocks of a DLRR block that is being read.
  private var subBlocks = 0

  init?(_ body: UnsafeRawBufferPointer) {
    guard body.count >= 4 else { return nil }
    ssrc = body.networkUInt32(at: 0)
    self.body = body
  }

  /// The next block of a kind listed in `Block`; nil after the last, and where the packet is malformed.
  public mutating func next() -> Block? {
    while true {
      if subBlocks > 0 {
        subBlocks -= 1
        offset += 12
        return .delaySinceLastReceiverReport(
          ssrc: body.networkUInt32(at: offset - 12), lastReport: body.networkUInt32(at: offset - 8),
          delay: body.networkUInt32(at: offset - 4))
      }
      guard body.count - offset >= 4 else { return nil }
      let type = body[offset]
      let count = 4 * Int(body.networkUInt16(at: offset + 2))
      offset += 4
      guard body.count - offset >= count else {
        offset = body.count
        return nil
      }
      if type == Self.delaySinceLastReceiverReportBlock, count % 12 == 0 {
        subBlocks = count / 12
        continue
      }
      offset += count
      if type == Self.receiverReferenceTimeBlock, count == 8 {
        return .receiverReferenceTime(NTPTime(rawValue: body.networkUInt64(at: offset - 8)))
      }
    }
  }
}

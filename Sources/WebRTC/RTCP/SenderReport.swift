/// SR (RFC 3550 section 6.4.1): what a source has sent, and when its RTP timestamps are on its NTP clock.
public struct SenderReport {
  /// The source.
  public let ssrc: UInt32
  /// What both clocks show at one instant, and what was sent until then.
  public let information: SenderInformation
  /// What the source, as a receiver, says of others.
  public let blocks: ReportBlocks

  init?(_ body: UnsafeRawBufferPointer, blockCount: Int) {
    guard body.count >= 24, let blocks = ReportBlocks(body, at: 24, count: blockCount) else { return nil }
    ssrc = body.networkUInt32(at: 0)
    information = SenderInformation(
      time: NTPTime(rawValue: body.networkUInt64(at: 4)), timestamp: body.networkUInt32(at: 12),
      packetCount: body.networkUInt32(at: 16), octetCount: body.networkUInt32(at: 20))
    self.blocks = blocks
  }
}

/// The sender's part of an SR (RFC 3550 section 6.4.1).
public struct SenderInformation: Hashable, Sendable {
  /// What the source's NTP clock shows.
  public var time: NTPTime
  /// What the RTP timestamp of a sample taken at that instant is.
  public var timestamp: UInt32
  /// Packets sent since the beginning, modulo 2³².
  public var packetCount: UInt32
  /// Bytes of payload sent since the beginning, without headers and padding, modulo 2³².
  public var octetCount: UInt32

  /// Sender information with these fields.
  public init(time: NTPTime, timestamp: UInt32, packetCount: UInt32, octetCount: UInt32) {
    self.time = time
    self.timestamp = timestamp
    self.packetCount = packetCount
    self.octetCount = octetCount
  }
}

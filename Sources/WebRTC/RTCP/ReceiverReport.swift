/// RR (RFC 3550 section 6.4.2): what a receiver says of the sources that it receives.
public struct ReceiverReport {
  /// The receiver.
  public let ssrc: UInt32
  /// One block a source.
  public let blocks: ReportBlocks

  init?(_ body: UnsafeRawBufferPointer, blockCount: Int) {
    guard body.count >= 4, let blocks = ReportBlocks(body, at: 4, count: blockCount) else { return nil }
    ssrc = body.networkUInt32(at: 0)
    self.blocks = blocks
  }
}

import Realtime

/// Writes the compound packets of a connection's regular reports (RFC 3550 section 6.1): an SR with SDES for each sent
/// stream, report blocks for each received one, and, where nothing is sent, an RR with SDES and the reference time to
/// which the other end answers with DLRR.
public struct RTCPReporter: Sendable {
  /// The SSRC of reports while nothing is sent.
  public var receiverSSRC: UInt32
  /// CNAME, the same for all of the endpoint's streams (RFC 7022).
  public var canonicalName: String

  /// A reporter of the endpoint `canonicalName`.
  public init(receiverSSRC: UInt32, canonicalName: String) {
    self.receiverSSRC = receiverSSRC
    self.canonicalName = canonicalName
  }

  /// Writes the reports due at `now` into buffers from `pool` and hands each to `send`, which owns it from then on.
  public func report(
    sendStreams: [RTPSendStream], receiveStreams: [RTPReceiveStream], clock: NTPClock, at now: Instant,
    pool: PacketPool, send: (PacketBuffer) -> Void
  ) {
    var writer = RTCPWriter(pool.take())
    // Blocks can only be added to a report that is the last packet written: the first one takes them.
    var blocksSSRC = receiverSSRC
    var isFirst = true
    for stream in sendStreams {
      guard let information = stream.senderInformation(at: now, clock: clock) else { continue }
      let ssrc = stream.configuration.ssrc
      // A report with its SDES stays in one datagram.
      if writer.room < 28 + 16 + min(canonicalName.utf8.count, 255) { next(&writer, pool, send) }
      _ = writer.senderReport(ssrc: ssrc, information)
      if isFirst {
        isFirst = false
        blocksSSRC = ssrc
        writeBlocks(receiveStreams, ssrc: blocksSSRC, at: now, to: &writer, pool, send)
      }
      describe(ssrc, to: &writer, pool, send)
    }
    if isFirst {
      _ = writer.receiverReport(ssrc: blocksSSRC)
      writeBlocks(receiveStreams, ssrc: blocksSSRC, at: now, to: &writer, pool, send)
      describe(blocksSSRC, to: &writer, pool, send)
      _ = writer.receiverReferenceTime(ssrc: blocksSSRC, clock.time(at: now))
    }
    send(writer.buffer)
  }

  private func writeBlocks(
    _ streams: [RTPReceiveStream], ssrc: UInt32, at now: Instant, to writer: inout RTCPWriter, _ pool: PacketPool,
    _ send: (PacketBuffer) -> Void
  ) {
    for stream in streams {
      if let block = stream.reportBlock(at: now) { write(block, ssrc: ssrc, to: &writer, pool, send) }
      if let block = stream.retransmissionReportBlock() { write(block, ssrc: ssrc, to: &writer, pool, send) }
    }
  }

  private func write(
    _ block: ReportBlock, ssrc: UInt32, to writer: inout RTCPWriter, _ pool: PacketPool, _ send: (PacketBuffer) -> Void
  ) {
    if writer.reportBlock(block) { return }
    // 31 blocks a report.
    if !writer.receiverReport(ssrc: ssrc) || !writer.reportBlock(block) {
      next(&writer, pool, send)
      _ = writer.receiverReport(ssrc: ssrc)
      _ = writer.reportBlock(block)
    }
  }

  private func describe(
    _ ssrc: UInt32, to writer: inout RTCPWriter, _ pool: PacketPool, _ send: (PacketBuffer) -> Void
  ) {
    if writer.sourceDescription(ssrc: ssrc, canonicalName: canonicalName) { return }
    // A compound packet begins with a report.
    next(&writer, pool, send)
    _ = writer.receiverReport(ssrc: ssrc)
    _ = writer.sourceDescription(ssrc: ssrc, canonicalName: canonicalName)
  }

  private func next(_ writer: inout RTCPWriter, _ pool: PacketPool, _ send: (PacketBuffer) -> Void) {
    if writer.isEmpty { return }
    send(writer.buffer)
    writer = RTCPWriter(pool.take())
  }
}

/// Appends RTCP packets to a `PacketBuffer` to make one datagram of them: compound when a report comes first, else of
/// reduced size, which needs the other end's `a=rtcp-rsize` (RFC 5506).
///
/// Each function returns false, and changes nothing, when its packet doesn't fit any more: send what there is, and
/// begin the next datagram.
public struct RTCPWriter {
  /// Bytes that a datagram may have before encryption, so that it fits any path that media fits.
  public static let defaultLimit = 1_200

  /// What is written to.
  public let buffer: PacketBuffer
  private let limit: Int
  // Where the last packet begins; the datagram's end when nothing may be added to it.
  private var last = 0

  /// A writer that makes `buffer` a datagram of at most `limit` bytes.
  public init(_ buffer: PacketBuffer, limit: Int = Self.defaultLimit) {
    self.buffer = buffer
    self.limit = min(limit, PacketBuffer.capacity)
    buffer.count = 0
  }

  /// Whether nothing has been written.
  public var isEmpty: Bool { buffer.count == 0 }

  /// Begins an SR of `ssrc`; blocks are added to it (RFC 3550 section 6.4.1).
  public mutating func senderReport(ssrc: UInt32, _ information: SenderInformation) -> Bool {
    guard let offset = append(RTCPPacketType.senderReport, format: 0, bodyCount: 24) else { return false }
    memory.storeNetwork(ssrc, at: offset)
    memory.storeNetwork(information.time.rawValue, at: offset + 4)
    memory.storeNetwork(information.timestamp, at: offset + 12)
    memory.storeNetwork(information.packetCount, at: offset + 16)
    memory.storeNetwork(information.octetCount, at: offset + 20)
    return true
  }

  /// Begins an RR of `ssrc`; blocks are added to it (RFC 3550 section 6.4.2).
  public mutating func receiverReport(ssrc: UInt32) -> Bool {
    guard let offset = append(RTCPPacketType.receiverReport, format: 0, bodyCount: 4) else { return false }
    memory.storeNetwork(ssrc, at: offset)
    return true
  }

  /// Adds `block` to the report that was begun last. False too when that has 31 blocks already, or when something else
  /// was written since.
  public mutating func reportBlock(_ block: ReportBlock) -> Bool {
    guard last < buffer.count, memory[last] & 0x1F < 31,
      memory[last + 1] == RTCPPacketType.senderReport || memory[last + 1] == RTCPPacketType.receiverReport,
      let offset = extendLast(by: ReportBlock.byteCount)
    else { return false }
    block.store(in: memory, at: offset)
    memory[last] += 1
    return true
  }

  /// SDES with the canonical name of `ssrc`, of which at most 255 bytes are sent (RFC 3550 section 6.5.1).
  public mutating func sourceDescription(ssrc: UInt32, canonicalName: String) -> Bool {
    let count = min(canonicalName.utf8.count, 255)
    let bodyCount = (4 + 2 + count + 4) & ~3
    guard let offset = append(RTCPPacketType.sourceDescription, format: 1, bodyCount: bodyCount) else { return false }
    memory.storeNetwork(ssrc, at: offset)
    memory[offset + 4] = SourceDescription.canonicalNameItem
    memory[offset + 5] = UInt8(count)
    var position = offset + 6
    for byte in canonicalName.utf8.prefix(count) {
      memory[position] = byte
      position += 1
    }
    return true
  }

  /// BYE of `ssrc` (RFC 3550 section 6.6).
  public mutating func goodbye(ssrc: UInt32) -> Bool {
    guard let offset = append(RTCPPacketType.goodbye, format: 1, bodyCount: 4) else { return false }
    memory.storeNetwork(ssrc, at: offset)
    return true
  }

  /// XR with the receiver reference time `time` (RFC 3611 section 4.4), which the other end answers with DLRR.
  public mutating func receiverReferenceTime(ssrc: UInt32, _ time: NTPTime) -> Bool {
    guard let offset = append(RTCPPacketType.extendedReport, format: 0, bodyCount: 16) else { return false }
    memory.storeNetwork(ssrc, at: offset)
    memory[offset + 4] = ExtendedReport.receiverReferenceTimeBlock
    memory.storeNetwork(UInt16(2), at: offset + 6)
    memory.storeNetwork(time.rawValue, at: offset + 8)
    return true
  }

  /// XR with one DLRR sub-block (RFC 3611 section 4.5): what the receiver `receiver` needs to measure its round trip.
  public mutating func delaySinceLastReceiverReport(
    ssrc: UInt32, receiver: UInt32, lastReport: UInt32, delay: UInt32
  ) -> Bool {
    guard let offset = append(RTCPPacketType.extendedReport, format: 0, bodyCount: 20) else { return false }
    memory.storeNetwork(ssrc, at: offset)
    memory[offset + 4] = ExtendedReport.delaySinceLastReceiverReportBlock
    memory.storeNetwork(UInt16(3), at: offset + 6)
    memory.storeNetwork(receiver, at: offset + 8)
    memory.storeNetwork(lastReport, at: offset + 12)
    memory.storeNetwork(delay, at: offset + 16)
    return true
  }

  /// Says that packet `sequenceNumber` of the stream `mediaSSRC` is missing (RFC 4585 section 6.2.1). Numbers given one
  /// after another in their order share packets and bitmasks.
  public mutating func genericNACK(senderSSRC: UInt32, mediaSSRC: UInt32, sequenceNumber: UInt16) -> Bool {
    let type = RTCPPacketType.transportLayerFeedback
    if isLast(type, GenericNACK.format, senderSSRC, mediaSSRC) {
      let item = buffer.count - 4
      let distance = sequenceNumber &- buffer.bytes.networkUInt16(at: item)
      if distance == 0 { return true }
      if distance <= 16 {
        memory.storeNetwork(buffer.bytes.networkUInt16(at: item + 2) | 1 << (distance - 1), at: item + 2)
        return true
      }
      guard let offset = extendLast(by: 4) else { return false }
      memory.storeNetwork(sequenceNumber, at: offset)
      return true
    }
    guard let offset = feedback(type, GenericNACK.format, senderSSRC, mediaSSRC, count: 4) else { return false }
    memory.storeNetwork(sequenceNumber, at: offset)
    return true
  }

  /// Asks the stream `mediaSSRC` for a key frame (RFC 4585 section 6.3.1).
  public mutating func pictureLossIndication(senderSSRC: UInt32, mediaSSRC: UInt32) -> Bool {
    feedback(
      RTCPPacketType.payloadSpecificFeedback, PictureLossIndication.format, senderSSRC, mediaSSRC, count: 0) != nil
  }

  /// Commands the stream `mediaSSRC` to send a key frame; `sequenceNumber` increments with each new command
  /// (RFC 5104 section 4.3.1).
  public mutating func fullIntraRequest(senderSSRC: UInt32, mediaSSRC: UInt32, sequenceNumber: UInt8) -> Bool {
    let type = RTCPPacketType.payloadSpecificFeedback
    guard let offset = feedback(type, FullIntraRequest.format, senderSSRC, 0, count: 8) else { return false }
    memory.storeNetwork(mediaSSRC, at: offset)
    memory[offset + 4] = sequenceNumber
    return true
  }

  /// Tells the sender of the streams `ssrcs`, at most 255, that they may together have `bitrate` bits per second
  /// (draft-alvestrand-rmcat-remb-03 section 2.2).
  public mutating func receiverEstimatedMaximumBitrate(
    senderSSRC: UInt32, bitrate: UInt64, ssrcs: some Collection<UInt32>
  ) -> Bool {
    let count = ssrcs.count
    let type = RTCPPacketType.payloadSpecificFeedback
    guard count <= ReceiverEstimatedMaximumBitrate.maximumStreamCount,
      var offset = feedback(type, ReceiverEstimatedMaximumBitrate.format, senderSSRC, 0, count: 8 + 4 * count)
    else { return false }
    memory.storeNetwork(ReceiverEstimatedMaximumBitrate.identifier, at: offset)
    memory[offset + 4] = UInt8(count)
    memory.storeNetwork24(ReceiverEstimatedMaximumBitrate.encode(bitrate: bitrate), at: offset + 5)
    for ssrc in ssrcs {
      offset += 4
      memory.storeNetwork(ssrc, at: offset + 4)
    }
    return true
  }

  // MARK: - Parts

  var memory: UnsafeMutableRawBufferPointer { buffer.memory }

  /// Bytes that may still be written.
  var room: Int { max(limit - buffer.count, 0) }

  /// Bytes that a feedback message of the transport or payload may add after its two SSRCs.
  var feedbackRoom: Int { max(room - RTCPHeader.count - 8, 0) & ~3 }

  /// Appends a feedback message (RFC 4585 section 6.1) whose control information of `count` bytes, a multiple of four,
  /// is zero, and returns where that begins.
  mutating func feedback(
    _ type: UInt8, _ format: UInt8, _ senderSSRC: UInt32, _ mediaSSRC: UInt32, count: Int
  ) -> Int? {
    guard let offset = append(type, format: format, bodyCount: 8 + count) else { return nil }
    memory.storeNetwork(senderSSRC, at: offset)
    memory.storeNetwork(mediaSSRC, at: offset + 4)
    return offset + 8
  }

  private mutating func append(_ type: UInt8, format: UInt8, bodyCount: Int) -> Int? {
    guard limit - buffer.count >= RTCPHeader.count + bodyCount else { return nil }
    last = buffer.count
    memory[last] = 0x80 | format
    memory[last + 1] = type
    buffer.count += RTCPHeader.count
    return extendLast(by: bodyCount)
  }

  // Adds zeros to the last packet and returns where they begin.
  private mutating func extendLast(by count: Int) -> Int? {
    guard limit - buffer.count >= count else { return nil }
    let offset = buffer.count
    UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + count]).initializeMemory(
      as: UInt8.self, repeating: 0)
    buffer.count += count
    memory.storeNetwork(UInt16((buffer.count - last) / 4 - 1), at: last + 2)
    return offset
  }

  private func isLast(_ type: UInt8, _ format: UInt8, _ senderSSRC: UInt32, _ mediaSSRC: UInt32) -> Bool {
    buffer.count - last >= 12 && memory[last] & 0x1F == format && memory[last + 1] == type
      && buffer.bytes.networkUInt32(at: last + 4) == senderSSRC
      && buffer.bytes.networkUInt32(at: last + 8) == mediaSSRC
  }
}

/// One RTCP packet. What it holds refers to the datagram's bytes, and is valid as long as they are.
public enum RTCPPacket {
  /// SR (RFC 3550 section 6.4.1).
  case senderReport(SenderReport)
  /// RR (RFC 3550 section 6.4.2).
  case receiverReport(ReceiverReport)
  /// SDES (RFC 3550 section 6.5).
  case sourceDescription(SourceDescription)
  /// BYE (RFC 3550 section 6.6).
  case goodbye(Goodbye)
  /// XR (RFC 3611).
  case extendedReport(ExtendedReport)
  /// Generic NACK (RFC 4585 section 6.2.1).
  case genericNACK(GenericNACK)
  /// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
  case transportFeedback(TransportFeedback)
  /// PLI (RFC 4585 section 6.3.1).
  case pictureLossIndication(PictureLossIndication)
  /// FIR (RFC 5104 section 4.3.1).
  case fullIntraRequest(FullIntraRequest)
  /// REMB (draft-alvestrand-rmcat-remb-03).
  case receiverEstimatedMaximumBitrate(ReceiverEstimatedMaximumBitrate)
  /// A packet that Salle has no use for, APP among them.
  case other(type: UInt8, format: UInt8)

  /// Nil when the packet is shorter than its type demands or contradicts itself. `paddedBody` is what follows `header`.
  init?(_ header: RTCPHeader, _ paddedBody: UnsafeRawBufferPointer) {
    if header.type == RTCPPacketType.transportLayerFeedback, header.format == TransportFeedback.format {
      // It doesn't need the padding's count, which some senders get wrong.
      guard paddedBody.count >= 8, let packet = TransportFeedback(paddedBody) else { return nil }
      self = .transportFeedback(packet)
      return
    }
    guard let bodyCount = header.bodyCount else { return nil }
    let body = paddedBody.part(at: 0, count: bodyCount)
    switch (header.type, header.format) {
    case (RTCPPacketType.senderReport, let count):
      guard let packet = SenderReport(body, blockCount: Int(count)) else { return nil }
      self = .senderReport(packet)
    case (RTCPPacketType.receiverReport, let count):
      guard let packet = ReceiverReport(body, blockCount: Int(count)) else { return nil }
      self = .receiverReport(packet)
    case (RTCPPacketType.sourceDescription, let count):
      self = .sourceDescription(SourceDescription(body, chunkCount: Int(count)))
    case (RTCPPacketType.goodbye, let count):
      guard let packet = Goodbye(body, count: Int(count)) else { return nil }
      self = .goodbye(packet)
    case (RTCPPacketType.extendedReport, _):
      guard let packet = ExtendedReport(body) else { return nil }
      self = .extendedReport(packet)
    case (RTCPPacketType.transportLayerFeedback, _), (RTCPPacketType.payloadSpecificFeedback, _):
      self.init(feedback: header, body)
    case (let type, let format):
      self = .other(type: type, format: format)
    }
  }

  // Feedback messages begin with the sender's and the media source's SSRC (RFC 4585 section 6.1).
  private init?(feedback header: RTCPHeader, _ body: UnsafeRawBufferPointer) {
    guard body.count >= 8 else { return nil }
    switch (header.type, header.format) {
    case (RTCPPacketType.transportLayerFeedback, GenericNACK.format):
      self = .genericNACK(GenericNACK(body))
    case (RTCPPacketType.payloadSpecificFeedback, PictureLossIndication.format):
      self = .pictureLossIndication(PictureLossIndication(body))
    case (RTCPPacketType.payloadSpecificFeedback, FullIntraRequest.format):
      self = .fullIntraRequest(FullIntraRequest(body))
    case (RTCPPacketType.payloadSpecificFeedback, ReceiverEstimatedMaximumBitrate.format):
      // Application layer feedback carries other things than REMB too.
      if let packet = ReceiverEstimatedMaximumBitrate(body) {
        self = .receiverEstimatedMaximumBitrate(packet)
      } else {
        self = .other(type: header.type, format: header.format)
      }
    case (let type, let format):
      self = .other(type: type, format: format)
    }
  }
}

/// The packet types' numbers (IANA registry "RTCP Control Packet Types").
enum RTCPPacketType {
  static let senderReport: UInt8 = 200
  static let receiverReport: UInt8 = 201
  static let sourceDescription: UInt8 = 202
  static let goodbye: UInt8 = 203
  static let transportLayerFeedback: UInt8 = 205
  static let payloadSpecificFeedback: UInt8 = 206
  static let extendedReport: UInt8 = 207
}

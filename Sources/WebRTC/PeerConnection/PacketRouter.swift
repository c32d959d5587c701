/// Finds the stream of a received packet (RFC 8843 §9.2): by SSRC where that is known, else by the identifications in
/// its header extensions, else by its payload type.
struct PacketRouter {
  /// Most sources that are known at a time, a bound against a peer that makes them up.
  static let maximumSources = 4_096

  /// All sections' header extensions; in a bundle an identifier means one thing (RFC 9143 §9).
  private(set) var extensions = RTPHeaderExtensionMap()
  private var receivers: [(agreed: NegotiatedMedia, transceiver: Transceiver)] = []
  private var encodings: [UInt32: ReceiveEncoding] = [:] {
    didSet { latest = nil }
  }
  /// The source of the packet before, since packets of one picture come in a row.
  private var latest: (ssrc: UInt32, encoding: ReceiveEncoding)?

  /// Every stream, for reports and feedback.
  private(set) var allEncodings: [ReceiveEncoding] = []
  /// The same streams below the assembly of frames.
  private(set) var allStreams: [RTPReceiveStream] = []
  /// The video among them, as far as one message on its bitrate can name it.
  private(set) var videoSources: [UInt32] = []

  /// Forgets all sections; sources that are still announced are found again by `add`.
  mutating func beginNegotiation() {
    receivers.removeAll(keepingCapacity: true)
    encodings.removeAll(keepingCapacity: true)
    extensions = RTPHeaderExtensionMap()
    updateLists()
  }

  /// Routes a section's packets to its transceiver.
  mutating func add(_ agreed: NegotiatedMedia, to transceiver: Transceiver) {
    for kind in RTPHeaderExtensionKind.allCases {
      if let id = agreed.extensions.id(of: kind) { extensions.map(kind, to: id) }
    }
    guard let receiver = transceiver.receiver else { return }
    receivers.append((agreed, transceiver))
    for (ssrc, retransmission) in agreed.remoteSources {
      guard let encoding = receiver.encoding(ssrc: ssrc, rid: "", retransmissionSSRC: retransmission) else { break }
      encodings[ssrc] = encoding
      if let retransmission { encodings[retransmission] = encoding }
    }
    // Layers that were learned from packets stay known.
    for encoding in receiver.encodings {
      encodings[encoding.stream.configuration.ssrc] = encoding
      if let retransmission = encoding.stream.retransmissionSSRC { encodings[retransmission] = encoding }
    }
    updateLists()
  }

  /// The stream of the source `ssrc`, if it is known.
  func encoding(ssrc: UInt32) -> ReceiveEncoding? { encodings[ssrc] }

  /// The stream of `packet`, whose header is `header`; nil when nothing tells. A new source becomes known.
  mutating func encoding(for header: RTPHeader, of packet: UnsafeRawBufferPointer) -> ReceiveEncoding? {
    if let latest, latest.ssrc == header.ssrc { return latest.encoding }
    if let known = encodings[header.ssrc] {
      latest = (header.ssrc, known)
      return known
    }
    guard encodings.count < Self.maximumSources, let (_, transceiver) = section(for: header, of: packet),
      let receiver = transceiver.receiver
    else { return nil }
    let isRetransmission = receiver.format.retransmissionPayloadTypes[header.payloadType] != nil
    let encoding: ReceiveEncoding?
    if isRetransmission {
      // Without the layer's name only a single stream can be meant.
      let rid = (header.extensions.repairedRid ?? header.extensions.rid)?.text(of: packet)
      encoding =
        rid.map { rid in receiver.encodings.first { $0.rid == rid } }
        ?? (receiver.encodings.count == 1 ? receiver.encodings[0] : nil)
      encoding?.stream.retransmissionSSRC = header.ssrc
    } else {
      guard receiver.format.codec(header.payloadType) != nil else { return nil }
      encoding = receiver.encoding(
        ssrc: header.ssrc, rid: header.extensions.rid?.text(of: packet) ?? "", retransmissionSSRC: nil)
    }
    encodings[header.ssrc] = encoding
    updateLists()
    return encoding
  }

  private func section(
    for header: RTPHeader, of packet: UnsafeRawBufferPointer
  ) -> (NegotiatedMedia, Transceiver)? {
    if let mid = header.extensions.mid?.text(of: packet) { return receivers.first { $0.agreed.mid == mid } }
    // A section that announces its sources isn't meant by one that it doesn't announce.
    let candidates = receivers.filter { agreed, _ in
      agreed.remoteSources.isEmpty && agreed.receiveCodecs.contains { $0.payloadType == header.payloadType }
    }
    return candidates.count == 1 ? candidates[0] : nil
  }

  /// Brings the lists up to date; kept, since they are asked for far more often than they change.
  private mutating func updateLists() {
    allEncodings = receivers.flatMap { $0.transceiver.receiver?.encodings ?? [] }
    allStreams = allEncodings.map(\.stream)
    let video = allEncodings.lazy.filter(\.isVideo).map(\.stream.configuration.ssrc)
    videoSources = Array(video.prefix(ReceiverEstimatedMaximumBitrate.maximumStreamCount))
  }
}

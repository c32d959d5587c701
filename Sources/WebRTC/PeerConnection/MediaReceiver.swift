import Realtime

/// The receiving half of a transceiver: one stream, or one for each simulcast layer that the peer sends.
final class MediaReceiver {
  /// What was negotiated for receiving; a change makes the receiver anew.
  struct Format: Equatable {
    /// What each payload type is, all 128 of them.
    private let codecs: [MediaCodec?]
    /// For each payload type of RTX the media's.
    let retransmissionPayloadTypes: [UInt8: UInt8]
    /// The peer's announced sources.
    let sources: [UInt32]
    /// The clock, Hz.
    let clockRate: UInt32
    /// Whether lost packets may be asked for again.
    let usesNACK: Bool

    init(_ agreed: NegotiatedMedia) {
      var codecs = [MediaCodec?](repeating: nil, count: 128)
      var retransmissions: [UInt8: UInt8] = [:]
      for parameters in agreed.receiveCodecs {
        if let associated = parameters.associatedPayloadType {
          retransmissions[parameters.payloadType] = associated
        } else {
          codecs[Int(parameters.payloadType & 0x7F)] = SupportedCodecs.codec(of: parameters)
        }
      }
      self.codecs = codecs
      retransmissionPayloadTypes = retransmissions
      sources = agreed.remoteSources.map(\.ssrc)
      clockRate = agreed.kind == .audio ? 48_000 : 90_000
      usesNACK = agreed.receiveCodecs.contains { $0.feedback.contains("nack") }
    }

    /// What `payloadType` is; nil for retransmission and what wasn't negotiated.
    func codec(_ payloadType: UInt8) -> MediaCodec? { codecs[Int(payloadType & 0x7F)] }
  }

  /// Where received media goes.
  struct Sinks {
    var video: (any VideoFrameSink)?
    var audio: (any AudioPacketSink)?
    var packets: (any RTPPacketSink)?
  }

  /// Most streams of one transceiver: simulcast has three or four layers.
  static let maximumEncodings = 8

  let format: Format
  let kind: MediaKind
  var sinks: Sinks {
    didSet {
      for encoding in encodings {
        encoding.sinks = sinks
        if kind == .video { encoding.stream.requestKeyFrame() }
      }
    }
  }
  private(set) var encodings: [ReceiveEncoding] = []

  init(_ format: Format, kind: MediaKind, sinks: Sinks) {
    self.format = format
    self.kind = kind
    self.sinks = sinks
  }

  /// The stream of the media source `ssrc`, made if need be; nil when there are too many. A layer whose source changes
  /// begins anew.
  func encoding(ssrc: UInt32, rid: String, retransmissionSSRC: UInt32?) -> ReceiveEncoding? {
    if let known = encodings.first(where: { $0.stream.configuration.ssrc == ssrc }) { return known }
    if !rid.isEmpty { encodings.removeAll { $0.rid == rid } }
    guard encodings.count < Self.maximumEncodings else { return nil }
    var configuration = RTPReceiveStream.Configuration(
      ssrc: ssrc, clockRate: format.clockRate, retransmissionSSRC: retransmissionSSRC,
      retransmissionPayloadTypes: format.retransmissionPayloadTypes)
    if format.usesNACK { configuration.nackPolicy = kind == .audio ? .audio : .video }
    let encoding = ReceiveEncoding(self, rid: rid, stream: RTPReceiveStream(configuration))
    encodings.append(encoding)
    return encoding
  }
}

/// One received RTP stream and the assembly of its frames.
final class ReceiveEncoding {
  let rid: String
  let stream: RTPReceiveStream
  /// Whether the stream counts as video for bandwidth estimation.
  let isVideo: Bool
  /// The receiver's.
  fileprivate(set) var sinks: MediaReceiver.Sinks
  private let format: MediaReceiver.Format
  private let assembler: VideoFrameAssembler?
  private var vacant: EncodedFrame?

  init(_ receiver: MediaReceiver, rid: String, stream: RTPReceiveStream) {
    self.rid = rid
    self.stream = stream
    isVideo = receiver.kind == .video
    sinks = receiver.sinks
    format = receiver.format
    assembler = isVideo ? VideoFrameAssembler() : nil
  }

  /// Counters of frame assembly; nil for audio.
  var assemblyStatistics: VideoAssemblyStatistics? { assembler?.statistics }

  /// When something is due: feedback or a frame that waited long enough.
  var nextDeadline: Instant { min(stream.nextDeadline, assembler?.nextDeadline ?? .distantFuture) }

  /// Takes in a decrypted packet of the stream.
  func receive(_ header: RTPHeader, _ bytes: UnsafeRawBufferPointer, at now: Instant) {
    let packet = stream.receive(header, bytes, at: now)
    switch packet.kind {
    case .media, .recovered: deliver(packet, bytes, at: now)
    case .padding:
      assembler?.insertPadding(sequenceNumber: packet.sequenceNumber)
      sinks.packets?.deliver(
        packet.header, packet: bytes, sequenceNumber: packet.sequenceNumber, rid: rid, arrival: now)
    case .duplicate, .discarded: return
    }
    takeAbandoned()
    pumpFrames(at: now)
  }

  /// Does what is due at `now` but for feedback.
  func handleTimeout(at now: Instant) {
    takeAbandoned()
    pumpFrames(at: now)
  }

  private func deliver(_ packet: ReceivedRTPPacket, _ bytes: UnsafeRawBufferPointer, at now: Instant) {
    sinks.packets?.deliver(
      packet.header, packet: bytes, sequenceNumber: packet.sequenceNumber, rid: rid, arrival: now)
    guard let codec = format.codec(packet.header.payloadType) else { return }
    let payload = packet.header.payload.bytes(of: bytes)
    switch codec {
    case .opus:
      sinks.audio?.deliver(
        sequenceNumber: packet.sequenceNumber, timestamp: packet.header.timestamp, payload: payload,
        isRedundant: false, arrival: now)
    case .red:
      deliverRedundant(packet, payload, at: now)
    case .video(let codec):
      guard sinks.video != nil else {
        // Nobody assembles frames here; a media server's wish for a key frame ends with the key frame.
        let start = try? VideoPayload(parsing: payload, codec: codec)
        if start?.startsFrame == true, start?.isKeyFrame == true { stream.keyFrameReceived() }
        return
      }
      assembler?.insert(
        sequenceNumber: packet.sequenceNumber, timestamp: packet.header.timestamp, marker: packet.header.marker,
        payload: payload, codec: codec, at: now)
    }
  }

  // RFC 2198: oldest block first. All of them are Opus: that is what was negotiated.
  private func deliverRedundant(_ packet: ReceivedRTPPacket, _ payload: UnsafeRawBufferPointer, at now: Instant) {
    guard let audio = sinks.audio, let red = try? REDPacket(parsing: payload) else { return }
    var age = Int64(-1)
    for _ in red { age += 1 }
    for block in red {
      audio.deliver(
        sequenceNumber: packet.sequenceNumber - age, timestamp: packet.header.timestamp &- block.timestampOffset,
        payload: UnsafeRawBufferPointer(rebasing: payload[block.range]), isRedundant: !block.isPrimary, arrival: now)
      age -= 1
    }
  }

  private func takeAbandoned() {
    while let range = stream.nextAbandoned() {
      guard let assembler else { continue }
      // The assembler's window is far smaller than a range may become after an outage.
      let lower = max(range.lowerBound, range.upperBound - Int64(Self.abandonedLimit))
      for number in lower...range.upperBound { assembler.abandon(sequenceNumber: number) }
    }
  }

  private static let abandonedLimit = 4_096

  private func pumpFrames(at now: Instant) {
    guard let assembler, !assembler.isWithinPicture, let sink = sinks.video else { return }
    while let frame = vacant ?? sink.vacantFrame() {
      vacant = frame
      guard assembler.nextFrame(into: frame, at: now) else { break }
      vacant = nil
      sink.deliver(frame)
    }
    if assembler.needsKeyFrame { stream.requestKeyFrame() } else { stream.keyFrameReceived() }
  }

  /// Takes in a sender report of the stream.
  func receive(_ information: SenderInformation, at now: Instant) {
    stream.receive(information, at: now)
    sinks.video?.synchronize(timestamp: information.timestamp, ntp: information.time)
    sinks.audio?.synchronize(timestamp: information.timestamp, ntp: information.time)
    sinks.packets?.synchronize(rid: rid, timestamp: information.timestamp, ntp: information.time)
  }
}

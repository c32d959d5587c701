import Realtime

/// The sending half of a transceiver: packetises for one stream, or for one a simulcast layer.
final class MediaSender {
  /// What was negotiated for sending; a change makes the sender anew.
  struct Format: Equatable {
    /// The media's payload types that may be sent, the preferred codec first.
    let codecs: [MediaCodec]
    let payloadTypes: [UInt8]
    /// For each of the media's payload types that of RTX.
    let retransmissionPayloadTypes: [UInt8: UInt8]
    let mid: String
    let rids: [String]
    let sources: [MediaSection.SendSource]
    let extensions: RTPHeaderExtensionMap

    /// Nil when nothing can be sent.
    init?(_ agreed: NegotiatedMedia) {
      var codecs: [MediaCodec] = []
      var payloadTypes: [UInt8] = []
      var retransmissions: [UInt8: UInt8] = [:]
      for parameters in agreed.sendCodecs {
        if let associated = parameters.associatedPayloadType {
          retransmissions[associated] = parameters.payloadType
        } else if let codec = SupportedCodecs.codec(of: parameters), !codecs.contains(codec) {
          codecs.append(codec)
          payloadTypes.append(parameters.payloadType)
        }
      }
      guard !codecs.isEmpty, !agreed.sources.isEmpty else { return nil }
      self.codecs = codecs
      self.payloadTypes = payloadTypes
      retransmissionPayloadTypes = retransmissions
      mid = agreed.mid
      rids = agreed.rids
      sources = agreed.sources
      extensions = agreed.extensions
    }

    /// The payload type of `codec`.
    func payloadType(of codec: MediaCodec) -> UInt8? {
      codecs.firstIndex(of: codec).map { payloadTypes[$0] }
    }
  }

  let format: Format
  /// Index of the transceiver's encoding → its stream; an encoding that the peer refused has none.
  private(set) var encodings: [SendEncoding?]
  /// Of audio packets: RED's where that is preferred, else that of Opus; nil for video.
  let audioPayloadType: UInt8?
  private let redundancy: REDPacketizer?

  init(
    _ format: Format, _ agreed: NegotiatedMedia, _ parameters: TransceiverParameters, random: inout SeededRandom
  ) {
    self.format = format
    var encodings: [SendEncoding?] = []
    for (index, encoding) in parameters.encodings.enumerated() where index < format.sources.count {
      // Without simulcast in the answer only one encoding may be sent: the best.
      let isWanted =
        encoding.rid.map(format.rids.contains) ?? true
        || (format.rids.isEmpty && index == parameters.encodings.count - 1)
      guard isWanted else {
        encodings.append(nil)
        continue
      }
      let source = format.sources[index]
      let configuration = RTPSendStream.Configuration(
        ssrc: source.ssrc, clockRate: agreed.kind == .audio ? 48_000 : 90_000,
        retransmissionSSRC: format.retransmissionPayloadTypes.isEmpty ? nil : source.retransmissionSSRC,
        retransmissionPayloadTypes: format.retransmissionPayloadTypes, extensions: format.extensions,
        mid: format.mid, rid: format.rids.isEmpty ? nil : encoding.rid,
        // 50 packets of audio a second; several hundred of video.
        historyCapacity: agreed.kind == .audio ? 128 : 512)
      encodings.append(SendEncoding(RTPSendStream(configuration, using: &random), random: &random))
    }
    self.encodings = encodings
    let opus = format.payloadType(of: .opus)
    let wrapsOpus = format.codecs.first == .red && opus != nil
    redundancy = wrapsOpus ? opus.map { REDPacketizer(payloadType: $0) } : nil
    audioPayloadType = wrapsOpus ? format.payloadType(of: .red) : opus
  }

  /// The codec to encode with: the first that the peer takes, RED aside.
  var codec: MediaCodec? { format.codecs.first { $0 != .red } }

  /// Builds the payload of an audio packet, of type `audioPayloadType`, in `target`; returns its length, 0 when it
  /// doesn't fit.
  func writeAudio(
    _ payload: UnsafeRawBufferPointer, timestamp: UInt32, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    if let redundancy { return redundancy.write(payload, timestamp: timestamp, into: target) }
    guard payload.count <= target.count else { return 0 }
    target.copyMemory(from: payload)
    return payload.count
  }
}

/// One sent RTP stream with the running numbers of its payload descriptors.
final class SendEncoding {
  let stream: RTPSendStream
  /// 15 bits, one higher with each picture (RFC 7741 §4.2, RFC 9628 §4.2).
  private(set) var pictureID: UInt16
  /// TL0PICIDX.
  private(set) var temporalBaseIndex: UInt8 = 0
  /// What the layer frames of a VP9 stream have to say of themselves.
  var vp9: VP9StreamDescriber
  private var lastCaptureTime: Instant?

  init(_ stream: RTPSendStream, random: inout SeededRandom) {
    self.stream = stream
    vp9 = VP9StreamDescriber(writesDependencies: stream.configuration.extensions.contains(.dependencyDescriptor))
    pictureID = UInt16.random(in: 0..<0x4000, using: &random)
  }

  /// Counts a picture; the spatial layers of one picture count once.
  func beginPicture(captureTime: Instant, temporalLayer: UInt8) {
    guard captureTime != lastCaptureTime else { return }
    lastCaptureTime = captureTime
    pictureID = (pictureID + 1) & 0x7FFF
    if temporalLayer == 0 { temporalBaseIndex &+= 1 }
  }
}

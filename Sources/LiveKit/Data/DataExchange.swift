import LiveKitMessages
import Realtime
import SwiftProtobuf

/// What a session sends and receives over its data channels, without the channels: numbers packets, drops repeated ones,
/// splits texts and puts them together.
public struct DataExchange: Sendable {
  /// The topic of chat as a text stream.
  public static let chatTopic = "lk.chat"
  /// The most bytes of a user message: a packet must stay below 64,000 bytes with everything around it.
  public static let maximumPayload = 60_000

  private var sequence: UInt32 = 0
  private var lastSequences: [String: UInt32] = [:]
  private var assembler = TextStreamAssembler()
  private var recentChat: [String] = []

  /// An exchange at the beginning of a session, which numbers from 1.
  public init() {}

  // MARK: Sending

  /// The packet of a user message.
  /// - Throws: `limitExceeded` when the payload is too large for one packet.
  public mutating func packet(
    _ message: UserMessage, to destinations: [String] = []
  ) throws(LiveKitError) -> [UInt8] {
    guard message.payload.count <= Self.maximumPayload else { throw .limitExceeded }
    var user = LKUserPacket()
    user.payload.append(contentsOf: message.payload)
    // Absent rather than empty: that's how messages without one look.
    if !message.topic.isEmpty { user.topic = message.topic }
    return try serialize(.user(user), to: destinations, isReliable: message.isReliable)
  }

  /// The packets of a text on `topic`, for the reliable channel.
  /// - Throws: `limitExceeded` when the text is above 256 KiB.
  public mutating func packets(
    _ text: String, id: String, topic: String, attributes: [String: String] = [:], timestamp: Int64,
    to destinations: [String] = []
  ) throws(LiveKitError) -> [[UInt8]] {
    guard text.utf8.count <= TextStreamAssembler.maximumLength else { throw .limitExceeded }
    let values = TextStreamWriter.values(
      text, id: id, topic: topic, attributes: attributes, timestamp: timestamp)
    var packets: [[UInt8]] = []
    for value in values { packets.append(try serialize(value, to: destinations, isReliable: true)) }
    return packets
  }

  private mutating func serialize(
    _ value: LKDataPacket.OneOf_Value, to destinations: [String], isReliable: Bool
  ) throws(LiveKitError) -> [UInt8] {
    var packet = LKDataPacket()
    packet.kind = isReliable ? .reliable : .lossy
    packet.destinationIdentities = destinations
    packet.value = value
    if isReliable {
      sequence = sequence == .max ? 1 : sequence + 1
      packet.sequence = sequence
    }
    guard let bytes: [UInt8] = try? packet.serializedBytes() else { throw .limitExceeded }
    return bytes
  }

  // MARK: Receiving

  /// Takes in a message of a data channel and tells what it brings.
  public mutating func receive(_ bytes: [UInt8], isReliable: Bool, at now: Instant) -> [SessionAction] {
    let packet: LKDataPacket
    do throws(MessageDecodingError) {
      packet = try DataPacketDecoder.decode(bytes)
    } catch {
      return [.log("dropped a malformed data packet: \(error)")]
    }
    guard !isRepeated(packet, isReliable: isReliable) else { return [] }
    let sender = packet.participantIdentity
    switch packet.value {
    case .user(let user):
      return receive(user, from: sender, isReliable: isReliable)
    case .chatMessage(let chat):
      guard !chat.deleted else { return [] }
      return deliver(
        ChatMessage(
          id: chat.id, text: chat.message, timestamp: chat.timestamp, senderIdentity: sender,
          isEdit: chat.hasEditTimestamp))
    case .transcription(let transcription):
      return [.emit(.transcription(Transcription(transcription)))]
    case .streamHeader(let header):
      return stream { assembler throws(TextStreamAssembler.Refusal) in
        try assembler.begin(header, from: sender, at: now)
      }
    case .streamChunk(let chunk):
      return stream { assembler throws(TextStreamAssembler.Refusal) in
        try assembler.append(chunk, from: sender, at: now)
        return nil
      }
    case .streamTrailer(let trailer):
      return stream { assembler throws(TextStreamAssembler.Refusal) in
        try assembler.end(trailer, from: sender, at: now)
      }
    case .encryptedPacket: return [.log("dropped an encrypted data packet")]
    case .sipDtmf, .rpcRequest, .rpcAck, .rpcResponse, nil: return []
    }
  }

  /// Somebody left: what they had begun will not go on.
  public mutating func forget(_ participant: RoomParticipant) {
    lastSequences[participant.sid] = nil
    assembler.forget(sender: participant.identity)
  }

  // A packet may come twice after a resumption. Unnumbered ones, and the server's own, aren't checked.
  private mutating func isRepeated(_ packet: LKDataPacket, isReliable: Bool) -> Bool {
    guard isReliable, packet.sequence != 0, !packet.participantSid.isEmpty else { return false }
    if let last = lastSequences[packet.participantSid], packet.sequence <= last { return true }
    guard lastSequences[packet.participantSid] != nil || lastSequences.count < ParticipantTable.maximumParticipants
    else { return false }
    lastSequences[packet.participantSid] = packet.sequence
    return false
  }

  private mutating func receive(_ user: LKUserPacket, from sender: String, isReliable: Bool) -> [SessionAction] {
    let sender = sender.isEmpty ? user.participantIdentity : sender
    let payload = [UInt8](user.payload)
    if user.topic == LegacyChat.topic || user.topic == LegacyChat.updateTopic {
      guard let line = LegacyChat.decode(payload) else { return [] }
      return deliver(
        ChatMessage(
          id: line.id ?? "", text: line.message, timestamp: line.milliseconds, senderIdentity: sender,
          isEdit: user.topic == LegacyChat.updateTopic))
    }
    return [
      .emit(
        .userMessage(
          UserMessage(
            payload: payload, topic: user.topic, senderIdentity: sender.isEmpty ? nil : sender, isReliable: isReliable))
      )
    ]
  }

  private mutating func stream(
    _ step: (inout TextStreamAssembler) throws(TextStreamAssembler.Refusal) -> TextMessage?
  ) -> [SessionAction] {
    do throws(TextStreamAssembler.Refusal) {
      guard let text = try step(&assembler) else { return [] }
      guard text.topic == Self.chatTopic else { return [.emit(.text(text))] }
      return deliver(
        ChatMessage(id: text.id, text: text.text, timestamp: text.timestamp, senderIdentity: text.senderIdentity))
    } catch {
      return [.log("dropped a piece of a stream: \(error)")]
    }
  }

  // A line may come in more than one way.
  private mutating func deliver(_ message: ChatMessage) -> [SessionAction] {
    if !message.id.isEmpty, !message.isEdit {
      let key = message.senderIdentity + "\n" + message.id
      guard !recentChat.contains(key) else { return [] }
      recentChat.append(key)
      if recentChat.count > 64 { recentChat.removeFirst() }
    }
    return [.emit(.chatMessage(message))]
  }
}

extension Transcription {
  init(_ message: LKTranscription) {
    self.init(
      speakerIdentity: message.transcribedParticipantIdentity, trackSID: message.trackID,
      segments: message.segments.map {
        Segment(id: $0.id, text: $0.text, language: $0.language, isFinal: $0.final)
      })
  }
}

import FoundationEssentials
import LiveKitMessages
import Realtime
import SwiftProtobuf

@testable import LiveKit

extension FuzzTarget {
  /// What comes over the data channels: records, each a packet; their first byte says on which channel and after what
  /// time, or has somebody leave, or sends the rest as a text to another room's exchange.
  static let data = FuzzTarget(name: "data") { bytes in
    var (exchange, other) = (DataExchange(), DataExchange())
    var now = Instant(nanoseconds: 0)
    var reader = RecordReader(bytes)
    var textCount = 0
    while let record = reader.next() {
      guard let choice = record.first else { continue }
      let rest = Array(record[1...])
      now = now + [.zero, .milliseconds(20), .seconds(1), .seconds(31)][Int(choice >> 1 & 3)]
      switch choice >> 6 {
      case 2:
        let sid = String(decoding: rest, as: UTF8.self)
        exchange.forget(RoomParticipant(.with { ($0.sid, $0.identity) = (sid, "b") }))
      case 3:
        textCount += 1
        checkText(String(decoding: rest, as: UTF8.self), id: "\(textCount)", from: &other, to: &exchange, at: now)
      default:
        if let packet = try? DataPacketDecoder.decode(rest) { checkPrint(packet) }
        let isReliable = choice & 1 != 0
        for action in exchange.receive(rest, isReliable: isReliable, at: now) { check(action) }
      }
    }
  } seeds: {
    let stream = TextStreamWriter.values(
      String(repeating: "été ", count: 20), id: "s2", topic: DataExchange.chatTopic, attributes: ["a": "b"],
      timestamp: 1_790_000_000_000)
    let legacy = #"{"id":"1","timestamp":1790000000000,"message":"salut","ignoreLegacy":false}"#
    let values: [LKDataPacket.OneOf_Value] = [
      .user(.with { ($0.payload, $0.topic) = (.init(legacy.utf8), LegacyChat.topic) }),
      .user(.with { ($0.payload, $0.participantIdentity) = (.init(#"{"type":"reactionReceived"}"#.utf8), "b") }),
      .chatMessage(.with { ($0.id, $0.timestamp, $0.message, $0.editTimestamp) = ("2", 5, "salut", 6) }),
      .transcription(
        .with {
          ($0.transcribedParticipantIdentity, $0.trackID) = ("b", "TR_AM")
          $0.segments = [.with { ($0.id, $0.text, $0.language, $0.final) = ("1", "bonjour", "fr", true) }]
        }),
      .sipDtmf(.with { $0.digit = "1" }), .rpcRequest(.with { $0.id = "1" }),
      .encryptedPacket(.with { $0.keyIndex = 1 }),
    ]
    let packets = (values + stream).enumerated().compactMap { index, value -> [UInt8]? in
      var packet = LKDataPacket()
      (packet.participantIdentity, packet.participantSid, packet.sequence) = ("b", "PA_b", UInt32(index + 1))
      packet.value = value
      let bytes: [UInt8]? = try? packet.serializedBytes()
      return bytes.map { [1] + $0 }
    }
    // Messages that LiveKit's published protocol package wrote.
    let published = [
      "2201626a290a0273311080d095ffbc311a076c6b2e63686174220a746578742f706c61696e4a005a05c3a974c3a98001078a010450415f62",
      "1210120c7b2274797065223a2278227d2200220162",
    ].map { [1] + $0.hexadecimalBytes }
    return [RecordReader.join(packets), RecordReader.join(published), RecordReader.join(packets.suffix(3))]
      + packets.map { RecordReader.join([$0]) } + [RecordReader.join([[0xC1] + Array("déjà vu".utf8)])]
  }

  private static func check(_ action: SessionAction) {
    let most = max(TextStreamAssembler.maximumLength, DataPacketDecoder.maximumSize)
    switch action {
    case .emit(.chatMessage(let message)): require(message.text.utf8.count <= most, "a text without end")
    case .emit(.text(let message)): require(message.text.utf8.count <= most, "a text without end")
    case .emit(.userMessage(let message)): require(message.payload.count <= most, "a message without end")
    case .emit(.transcription), .log: break
    default: require(false, "not for data to bring about: \(action)")
    }
  }

  /// A text that one exchange sends is the text that another receives.
  private static func checkText(
    _ text: String, id: String, from sender: inout DataExchange, to receiver: inout DataExchange, at now: Instant
  ) {
    guard let packets = try? sender.packets(text, id: id, topic: "fuzz", timestamp: 1) else {
      return require(text.utf8.count > TextStreamAssembler.maximumLength, "a text that isn't sent")
    }
    let texts = packets.flatMap { receiver.receive($0, isReliable: true, at: now) }
    // Somebody may have eight streams open under no name, or one of this id.
    guard case .emit(.text(let message))? = texts.last else { return }
    require(message.text == text && message.id == id, "another text arrives")
  }

  /// What was read is written so that it reads the same.
  static func checkPrint(_ message: some Message) {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    guard let bytes: [UInt8] = try? message.serializedBytes(options: options) else {
      return require(false, "what was read can't be written")
    }
    let again = try? type(of: message).init(serializedBytes: bytes)
    require((try? again?.serializedBytes(options: options)) == bytes, "changes in print")
  }
}

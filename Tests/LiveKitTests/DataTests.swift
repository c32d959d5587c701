import FoundationEssentials
import LiveKitMessages
import Realtime
import SwiftProtobuf
import Testing

@testable import LiveKit

@Suite("Data packets and streams")
struct DataTests {
  private static let now = Instant(nanoseconds: 0)

  private static func packet(
    from sender: String = "b", sequence: UInt32 = 0, _ change: (inout LKDataPacket) -> Void
  ) throws -> [UInt8] {
    try LKDataPacket.with {
      $0.participantIdentity = sender
      $0.participantSid = sender.isEmpty ? "" : "PA_" + sender
      $0.sequence = sequence
      change(&$0)
    }.serializedBytes()
  }

  /// What `receiver` tells when it gets what `packets` hold, as the server forwards them.
  private static func deliver(
    _ packets: [[UInt8]], from sender: String = "b", to receiver: inout DataExchange
  ) throws -> [RoomEvent] {
    try packets.flatMap { bytes in
      var packet = try LKDataPacket(serializedBytes: bytes)
      packet.participantIdentity = sender
      packet.participantSid = "PA_" + sender
      return receiver.receive(try packet.serializedBytes(), isReliable: true, at: now).events
    }
  }

  @Test("chat goes out as header, chunks and trailer, numbered from 1, and arrives as it was")
  func chat() throws {
    var sender = DataExchange()
    var receiver = DataExchange()
    let text = "Bonjour à tous 👋🏽"
    let packets = try sender.packets(text, id: "s1", topic: DataExchange.chatTopic, timestamp: 1_700_000_000_000)
    let messages = try packets.map { try LKDataPacket(serializedBytes: $0) }
    #expect(messages.map(\.sequence) == [1, 2, 3])
    #expect(messages[0].streamHeader.topic == "lk.chat")
    #expect(messages[0].streamHeader.mimeType == "text/plain")
    #expect(messages[0].streamHeader.totalLength == UInt64(text.utf8.count))
    #expect(messages[0].streamHeader.textHeader.operationType == .create)
    #expect(messages[1].streamChunk.chunkIndex == 0)
    #expect(messages[2].streamTrailer.reason.isEmpty)
    let line = ChatMessage(id: "s1", text: text, timestamp: 1_700_000_000_000, senderIdentity: "b")
    #expect(try Self.deliver(packets, to: &receiver) == [.chatMessage(line)])
  }

  @Test("a long text is cut between characters into chunks of at most 15,000 bytes")
  func chunks() throws {
    var sender = DataExchange()
    var receiver = DataExchange()
    for text in [String(repeating: "€", count: 20_000), String(repeating: "a😀", count: 9_001), ""] {
      let packets = try sender.packets(text, id: "s\(text.utf8.count)", topic: "t", timestamp: 0)
      for packet in packets {
        let chunk = try LKDataPacket(serializedBytes: packet).streamChunk.content
        #expect(chunk.count <= 15_000)
        #expect(String(validating: chunk, as: UTF8.self) != nil)
      }
      guard case .text(let message)? = try Self.deliver(packets, to: &receiver).last else {
        Issue.record("the text didn't arrive")
        return
      }
      #expect(message.text == text)
    }
    #expect(throws: LiveKitError.limitExceeded) {
      try sender.packets(String(repeating: "a", count: 300_000), id: "x", topic: "t", timestamp: 0)
    }
  }

  @Test("packets that come twice are dropped, per sender; unnumbered and lossy ones aren't checked")
  func duplicates() throws {
    var receiver = DataExchange()
    func receive(_ sender: String, _ sequence: UInt32, isReliable: Bool = true) throws -> Int {
      let bytes = try Self.packet(from: sender, sequence: sequence) { $0.user.payload = .init([1]) }
      return receiver.receive(bytes, isReliable: isReliable, at: Self.now).events.count
    }
    #expect(try receive("b", 1) == 1)
    #expect(try receive("b", 1) == 0)
    #expect(try receive("b", 5) == 1)
    #expect(try receive("b", 4) == 0)
    #expect(try receive("c", 1) == 1)
    #expect(try receive("b", 0) == 1)
    #expect(try receive("b", 1, isReliable: false) == 1)
    #expect(try receive("", 1) == 1)
    #expect(try receive("", 1) == 1)
  }

  @Test("lossy packets aren't numbered")
  func lossy() throws {
    var sender = DataExchange()
    let bytes = try sender.packet(UserMessage(payload: [1, 2], topic: "t", isReliable: false), to: ["b"])
    let packet = try LKDataPacket(serializedBytes: bytes)
    #expect(packet.sequence == 0)
    #expect(packet.kind == .lossy)
    #expect(packet.destinationIdentities == ["b"])
    #expect(packet.user.topic == "t")
    #expect(throws: LiveKitError.limitExceeded) {
      try sender.packet(UserMessage(payload: [UInt8](repeating: 0, count: 70_000)))
    }
  }

  @Test("Visio's notifications are user messages without a topic; the server's have no sender")
  func notification() throws {
    var receiver = DataExchange()
    let json = Array(#"{"type":"reactionReceived","data":{"emoji":"clapping-hands"}}"#.utf8)
    let bytes = try Self.packet(from: "") { $0.user.payload = .init(json) }
    #expect(
      receiver.receive(bytes, isReliable: true, at: Self.now).events
        == [.userMessage(UserMessage(payload: json, topic: "", senderIdentity: nil, isReliable: true))])
  }

  @Test("old chat is shown unless it's marked as a repetition of a stream")
  func legacyChat() throws {
    var receiver = DataExchange()
    func receive(_ json: String) throws -> [RoomEvent] {
      let bytes = try Self.packet {
        $0.user.payload = .init(Array(json.utf8))
        $0.user.topic = "lk-chat-topic"
      }
      return receiver.receive(bytes, isReliable: true, at: Self.now).events
    }
    #expect(try receive(#"{"id":"1","timestamp":5,"message":"hi","ignoreLegacy":true}"#).isEmpty)
    #expect(
      try receive(#"{"id":"2","timestamp":5,"message":"hi","ignoreLegacy":false}"#)
        == [.chatMessage(ChatMessage(id: "2", text: "hi", timestamp: 5, senderIdentity: "b"))])
    #expect(try receive(#"{"id":"3","timestamp":1e300,"message":"hi"}"#).count == 1)
    #expect(try receive("not JSON").isEmpty)
    #expect(try receive(#"{"id":"2","timestamp":5,"message":"hi"}"#).isEmpty)
  }

  @Test("a text in the header of its stream is complete at once; a compressed one isn't for us")
  func inline() throws {
    var receiver = DataExchange()
    func header(_ id: String, _ compression: LKDataStream.CompressionType) throws -> [UInt8] {
      try Self.packet {
        $0.streamHeader.streamID = id
        $0.streamHeader.topic = "lk.chat"
        $0.streamHeader.textHeader = LKDataStream.TextHeader()
        $0.streamHeader.inlineContent = .init(Array("court".utf8))
        $0.streamHeader.compression = compression
      }
    }
    let events = receiver.receive(try header("1", .none), isReliable: true, at: Self.now).events
    #expect(events == [.chatMessage(ChatMessage(id: "1", text: "court", timestamp: 0, senderIdentity: "b"))])
    #expect(receiver.receive(try header("2", .deflateRaw), isReliable: true, at: Self.now).events.isEmpty)
  }

  @Test("transcriptions come with their segments")
  func transcription() throws {
    var receiver = DataExchange()
    let bytes = try Self.packet {
      $0.transcription.transcribedParticipantIdentity = "c"
      $0.transcription.segments = [
        .with {
          $0.id = "s"
          $0.text = "bonjour"
          $0.language = "fr"
          $0.final = true
        }
      ]
    }
    let segment = Transcription.Segment(id: "s", text: "bonjour", language: "fr", isFinal: true)
    #expect(
      receiver.receive(bytes, isReliable: true, at: Self.now).events
        == [.transcription(Transcription(speakerIdentity: "c", trackSID: "", segments: [segment]))])
  }
}

@Suite("Putting streams together")
struct TextStreamAssemblerTests {
  private static let now = Instant(nanoseconds: 0)

  private static func header(_ id: String, length: UInt64? = nil) -> LKDataStream.Header {
    .with {
      $0.streamID = id
      $0.textHeader = LKDataStream.TextHeader()
      if let length { $0.totalLength = length }
    }
  }

  private static func chunk(_ id: String, _ index: UInt64, _ bytes: [UInt8]) -> LKDataStream.Chunk {
    .with {
      $0.streamID = id
      $0.chunkIndex = index
      $0.content = .init(bytes)
    }
  }

  private static func trailer(_ id: String, reason: String = "") -> LKDataStream.Trailer {
    .with {
      $0.streamID = id
      $0.reason = reason
    }
  }

  @Test("streams of different senders with the same identifier don't mix")
  func senders() throws {
    var assembler = TextStreamAssembler()
    for sender in ["a", "b"] { _ = try assembler.begin(Self.header("1"), from: sender, at: Self.now) }
    try assembler.append(Self.chunk("1", 0, [0x61]), from: "a", at: Self.now)
    try assembler.append(Self.chunk("1", 0, [0x62]), from: "b", at: Self.now)
    #expect(try assembler.end(Self.trailer("1"), from: "b", at: Self.now).text == "b")
    #expect(try assembler.end(Self.trailer("1"), from: "a", at: Self.now).text == "a")
  }

  @Test("a gap, too much, too little, a reason and what isn't UTF-8 end a stream without a text")
  func refusals() throws {
    var assembler = TextStreamAssembler()
    _ = try assembler.begin(Self.header("gap"), from: "a", at: Self.now)
    #expect(throws: TextStreamAssembler.Refusal.outOfPlace) {
      try assembler.append(Self.chunk("gap", 1, [0x61]), from: "a", at: Self.now)
    }
    _ = try assembler.begin(Self.header("much", length: 1), from: "a", at: Self.now)
    #expect(throws: TextStreamAssembler.Refusal.tooMuch) {
      try assembler.append(Self.chunk("much", 0, [0x61, 0x61]), from: "a", at: Self.now)
    }
    _ = try assembler.begin(Self.header("little", length: 2), from: "a", at: Self.now)
    try assembler.append(Self.chunk("little", 0, [0x61]), from: "a", at: Self.now)
    try assembler.append(Self.chunk("little", 0, [0x61]), from: "a", at: Self.now)
    #expect(throws: TextStreamAssembler.Refusal.incomplete) {
      try assembler.end(Self.trailer("little"), from: "a", at: Self.now)
    }
    _ = try assembler.begin(Self.header("reason"), from: "a", at: Self.now)
    #expect(throws: TextStreamAssembler.Refusal.incomplete) {
      try assembler.end(Self.trailer("reason", reason: "cancelled"), from: "a", at: Self.now)
    }
    _ = try assembler.begin(Self.header("text"), from: "a", at: Self.now)
    try assembler.append(Self.chunk("text", 0, [0xFF]), from: "a", at: Self.now)
    #expect(throws: TextStreamAssembler.Refusal.notUTF8) {
      try assembler.end(Self.trailer("text"), from: "a", at: Self.now)
    }
    #expect(throws: TextStreamAssembler.Refusal.tooMuch) {
      try assembler.begin(Self.header("huge", length: .max), from: "a", at: Self.now)
    }
    var bytes = Self.header("bytes")
    bytes.byteHeader = LKDataStream.ByteHeader()
    #expect(throws: TextStreamAssembler.Refusal.notText) { try assembler.begin(bytes, from: "a", at: Self.now) }
    #expect(assembler.count == 0)
  }

  @Test("open streams are limited a sender and altogether, in number, size and time")
  func limits() throws {
    var assembler = TextStreamAssembler()
    for number in 0..<8 { _ = try assembler.begin(Self.header("\(number)"), from: "a", at: Self.now) }
    #expect(throws: TextStreamAssembler.Refusal.tooMuch) {
      try assembler.begin(Self.header("9"), from: "a", at: Self.now)
    }
    for sender in 0..<200 { _ = try? assembler.begin(Self.header("0"), from: "s\(sender)", at: Self.now) }
    #expect(assembler.count == TextStreamAssembler.maximumStreams)
    _ = try assembler.begin(Self.header("0"), from: "b", at: Self.now + .seconds(30))
    #expect(assembler.count == 1)
    let part = [UInt8](repeating: 0x61, count: 60_000)
    var accepted = 0
    for index in 0..<10 {
      do {
        try assembler.append(Self.chunk("0", UInt64(index), part), from: "b", at: Self.now + .seconds(31))
        accepted += 1
      } catch {
        break
      }
    }
    #expect(accepted == TextStreamAssembler.maximumLength / part.count)
    #expect(assembler.count == 0)
  }

  @Test("whoever leaves takes its open streams along")
  func leaving() throws {
    var assembler = TextStreamAssembler()
    _ = try assembler.begin(Self.header("1"), from: "a", at: Self.now)
    _ = try assembler.begin(Self.header("1"), from: "b", at: Self.now)
    assembler.forget(sender: "a")
    #expect(assembler.count == 1)
  }
}

@Suite("Decoders under nonsense")
struct DecoderTests {
  @Test("random and damaged bytes give a message or an error, and a session survives the messages")
  func nonsense() throws {
    var random = SeededRandom(seed: 7)
    let valid: [UInt8] = try SessionHarness.join().serializedBytes()
    var harness = SessionHarness.joined(isConnected: true)
    var exchange = DataExchange()
    for round in 0..<20_000 {
      var bytes: [UInt8]
      if round.isMultiple(of: 2) {
        bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      } else {
        bytes = valid
        for _ in 0..<3 {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
      }
      if let response = try? SignalDecoder.decode(bytes) {
        _ = SignalDecoder.name(of: response)
        harness.receive(response)
        var fresh = SessionHarness()
        fresh.handle(.connect(SessionHarness.options, unixTime: .max))
        fresh.receive(response)
        fresh.pass(.seconds(70))
        if case .closed = harness.session.state { harness = .joined(isConnected: true) }
      }
      _ = exchange.receive(bytes, isReliable: true, at: Instant(nanoseconds: Int64(round)))
    }
  }

  @Test("more than the protocol allows isn't looked at")
  func tooLarge() {
    #expect(throws: MessageDecodingError.tooLarge(count: 2_097_153)) {
      try SignalDecoder.decode([UInt8](repeating: 0, count: 2_097_153))
    }
    #expect(throws: MessageDecodingError.tooLarge(count: 65_536)) {
      try DataPacketDecoder.decode([UInt8](repeating: 0, count: 65_536))
    }
  }
}

import LiveKitMessages
import Realtime

/// Puts texts together that came as streams: a header, chunks of at most 15,000 bytes, and a trailer.
struct TextStreamAssembler: Sendable {
  /// The most bytes of one text. Chat is limited to 2,000 characters; the rest is room for what may come.
  static let maximumLength = 256 << 10
  /// The most streams that are open at once from one sender: a person writes one.
  static let maximumStreamsPerSender = 8
  /// The most streams that are open at once.
  static let maximumStreams = 128
  /// The most bytes of all open streams together.
  static let maximumTotalLength = 4 << 20
  /// How long a stream may go on without its next piece.
  static let idleTimeout = Duration.seconds(30)

  private struct Key: Hashable {
    let sender: String
    let id: String
  }

  private struct Stream {
    let header: LKDataStream.Header
    var content: [UInt8] = []
    var nextIndex: UInt64 = 0
    var deadline: Instant
  }

  private var streams: [Key: Stream] = [:]
  private var totalLength = 0

  /// How many streams are open.
  var count: Int { streams.count }

  /// Why a piece was of no use, for the log.
  enum Refusal: Error, Hashable {
    /// Not text.
    case notText
    /// Compressed, which we never announce.
    case compressed
    /// Above a limit.
    case tooMuch
    /// A second header for an open stream.
    case repeated
    /// A piece of a stream that isn't open, or out of order.
    case outOfPlace
    /// Ended before it was complete, or with a reason.
    case incomplete
    /// Not UTF-8.
    case notUTF8
  }

  /// A stream begins; returns its text when the header holds it whole.
  mutating func begin(
    _ header: LKDataStream.Header, from sender: String, at now: Instant
  ) throws(Refusal) -> TextMessage? {
    expire(at: now)
    guard case .textHeader? = header.contentHeader else { throw .notText }
    guard header.compression == .none else { throw .compressed }
    guard header.totalLength <= UInt64(Self.maximumLength), !header.streamID.isEmpty else { throw .tooMuch }
    let key = Key(sender: sender, id: header.streamID)
    guard streams[key] == nil else { throw .repeated }
    if header.hasInlineContent {
      guard header.inlineContent.count <= Self.maximumLength else { throw .tooMuch }
      return try Self.message(header, content: [UInt8](header.inlineContent), from: sender, ending: [:])
    }
    guard streams.count < Self.maximumStreams,
      streams.keys.count(where: { $0.sender == sender }) < Self.maximumStreamsPerSender
    else { throw .tooMuch }
    streams[key] = Stream(header: header, deadline: now + Self.idleTimeout)
    return nil
  }

  /// A stream goes on. Chunks come in order, as the channel keeps it; a repeated one is ignored.
  mutating func append(_ chunk: LKDataStream.Chunk, from sender: String, at now: Instant) throws(Refusal) {
    expire(at: now)
    let key = Key(sender: sender, id: chunk.streamID)
    guard let stream = streams[key] else { throw .outOfPlace }
    guard chunk.chunkIndex >= stream.nextIndex else { return }
    guard chunk.chunkIndex == stream.nextIndex else {
      close(key)
      throw .outOfPlace
    }
    let limit = stream.header.hasTotalLength ? Int(stream.header.totalLength) : Self.maximumLength
    guard stream.content.count + chunk.content.count <= limit,
      totalLength + chunk.content.count <= Self.maximumTotalLength
    else {
      close(key)
      throw .tooMuch
    }
    totalLength += chunk.content.count
    streams[key]?.content.append(contentsOf: chunk.content)
    streams[key]?.nextIndex += 1
    streams[key]?.deadline = now + Self.idleTimeout
  }

  /// A stream ends; returns its text.
  mutating func end(_ trailer: LKDataStream.Trailer, from sender: String, at now: Instant) throws(Refusal)
    -> TextMessage
  {
    expire(at: now)
    let key = Key(sender: sender, id: trailer.streamID)
    guard let stream = streams[key] else { throw .outOfPlace }
    close(key)
    let isComplete = !stream.header.hasTotalLength || stream.content.count == Int(stream.header.totalLength)
    guard trailer.reason.isEmpty, isComplete else { throw .incomplete }
    return try Self.message(stream.header, content: stream.content, from: sender, ending: trailer.attributes)
  }

  /// The sender left: nothing of its will be completed.
  mutating func forget(sender: String) {
    for key in streams.keys where key.sender == sender { close(key) }
  }

  private mutating func expire(at now: Instant) {
    for (key, stream) in streams where stream.deadline <= now { close(key) }
  }

  private mutating func close(_ key: Key) {
    totalLength -= streams.removeValue(forKey: key)?.content.count ?? 0
  }

  private static func message(
    _ header: LKDataStream.Header, content: [UInt8], from sender: String, ending: [String: String]
  ) throws(Refusal) -> TextMessage {
    guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8 }
    return TextMessage(
      id: header.streamID, topic: header.topic, text: text, timestamp: header.timestamp, senderIdentity: sender,
      attributes: header.attributes.merging(ending) { $1 })
  }
}

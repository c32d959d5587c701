/// An application's own message, in one packet.
public struct UserMessage: Hashable, Sendable {
  /// What was sent; for Visio's notifications a JSON object.
  public var payload: [UInt8]
  /// What it is about; empty for Visio's notifications.
  public var topic: String
  /// Who sent it; nil for the server. Anyone in the room can send anything: act on nothing but what is shown.
  public var senderIdentity: String?
  /// Whether it came over the reliable channel.
  public var isReliable: Bool

  /// A message.
  public init(payload: [UInt8], topic: String = "", senderIdentity: String? = nil, isReliable: Bool = true) {
    self.payload = payload
    self.topic = topic
    self.senderIdentity = senderIdentity
    self.isReliable = isReliable
  }
}

/// A line of chat.
public struct ChatMessage: Hashable, Sendable {
  /// The sender's identifier of it; an edit has that of the line it replaces.
  public var id: String
  /// What was written.
  public var text: String
  /// Unix time in milliseconds by the sender's clock.
  public var timestamp: Int64
  /// Who wrote it.
  public var senderIdentity: String
  /// Whether it replaces an earlier line.
  public var isEdit = false
}

/// A complete text that came as a stream.
public struct TextMessage: Hashable, Sendable {
  /// The stream's identifier.
  public var id: String
  /// What it is about.
  public var topic: String
  /// The text.
  public var text: String
  /// Unix time in milliseconds by the sender's clock.
  public var timestamp: Int64
  /// Who sent it; empty for the server.
  public var senderIdentity: String
  /// Whatever else the sender said; the end of the stream may add to what its beginning had.
  public var attributes: [String: String]
}

/// What somebody said, in writing (subtitles).
public struct Transcription: Hashable, Sendable {
  /// A part of it; a later one with the same `id` replaces it.
  public struct Segment: Hashable, Sendable {
    /// Identifies the part.
    public var id: String
    /// The text.
    public var text: String
    /// Language tag; may be empty.
    public var language: String
    /// Whether it will no longer change.
    public var isFinal: Bool
  }

  /// Who said it.
  public var speakerIdentity: String
  /// The track in which it was said; may be empty.
  public var trackSID: String
  /// The parts.
  public var segments: [Segment]
}

/// A data channel of a session.
public enum DataChannelLabel: String, Hashable, Sendable, CaseIterable {
  /// Ordered, complete.
  case reliable = "_reliable"
  /// Unordered, no retransmission.
  case lossy = "_lossy"
  /// Data tracks, which this client doesn't use; the server counts on the channel.
  case dataTrack = "_data_track"

  /// Whether messages stay in order.
  public var isOrdered: Bool { self == .reliable }
  /// How often a message is sent again at most; nil for as often as needed.
  public var maximumRetransmissions: Int? { self == .reliable ? nil : 0 }
}

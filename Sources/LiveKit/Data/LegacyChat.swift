import FoundationEssentials

/// The chat of LiveKit's older components: JSON in a user packet. Newer senders repeat each line this way for old
/// receivers, marked `ignoreLegacy`.
struct LegacyChat: Codable, Hashable {
  static let topic = "lk-chat-topic"
  static let updateTopic = "lk-chat-update-topic"
  /// The most bytes of the JSON: far above the 2,000 characters that Visio's page lets through.
  static let maximumLength = 32 << 10

  var id: String?
  var timestamp: Double?
  var message: String
  var ignoreLegacy: Bool?

  /// The line in `payload`; nil when there is none, or when it comes as a stream too.
  static func decode(_ payload: [UInt8]) -> LegacyChat? {
    guard payload.count <= maximumLength, let line = try? JSONDecoder().decode(Self.self, from: Data(payload)),
      line.ignoreLegacy != true
    else { return nil }
    return line
  }

  /// Unix time in milliseconds.
  var milliseconds: Int64 { timestamp.flatMap { Int64(exactly: $0.rounded(.down)) } ?? 0 }
}

import FoundationEssentials

/// A reaction as Visio's participants send it to all: a message without topic, of JSON.
public enum VisioReaction: String, CaseIterable, Hashable, Sendable {
  case thumbsUp = "thumbs-up"
  case thumbsDown = "thumbs-down"
  case clappingHands = "clapping-hands"
  case redHeart = "red-heart"
  case faceWithTearsOfJoy = "face-with-tears-of-joy"
  case faceWithOpenMouth = "face-with-open-mouth"
  case partyPopper = "party-popper"
  case foldedHands = "folded-hands"

  /// The emoji that stands for it.
  public var sign: String {
    switch self {
    case .thumbsUp: "👍"
    case .thumbsDown: "👎"
    case .clappingHands: "👏"
    case .redHeart: "❤️"
    case .faceWithTearsOfJoy: "😂"
    case .faceWithOpenMouth: "😮"
    case .partyPopper: "🎉"
    case .foldedHands: "🙏"
    }
  }

  private struct Message: Codable {
    struct Content: Codable { var emoji: String }
    var type: String
    var data: Content
  }

  /// The reaction in a message; nil when it is another message, or one that isn't known.
  public init?(_ payload: [UInt8]) {
    guard payload.count <= 1_024, let message = try? JSONDecoder().decode(Message.self, from: Data(payload)),
      message.type == "reactionReceived"
    else { return nil }
    self.init(rawValue: message.data.emoji)
  }

  /// The message of the reaction.
  public var payload: [UInt8] {
    Array(#"{"type":"reactionReceived","data":{"emoji":"\#(rawValue)"}}"#.utf8)
  }
}

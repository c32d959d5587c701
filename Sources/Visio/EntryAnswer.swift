/// The instance's answer to a request to enter, which is also the poll for it (`POST rooms/{code}/request-entry/`).
public struct EntryAnswer: Hashable, Sendable {
  /// Our place in the lobby, and our LiveKit identity once in: send it with the next request.
  public var participantID: String?
  /// The name shown for us.
  public var username: String?
  /// Our colour, `hsl(H, S%, L%)`.
  public var color: String?
  /// What has been decided.
  public var status: Status
  /// The way in, once accepted.
  public var liveKit: LiveKitCredentials?

  /// An answer.
  public init(
    participantID: String?, username: String? = nil, color: String? = nil, status: Status,
    liveKit: LiveKitCredentials? = nil
  ) {
    self.participantID = participantID
    self.username = username
    self.color = color
    self.status = status
    self.liveKit = liveKit
  }

  /// What has been decided on a request.
  public enum Status: Hashable, Sendable {
    /// Nothing yet.
    case waiting
    /// We may enter.
    case accepted
    /// An organiser has refused. Asking on would ring again.
    case denied
    /// A status of a later release, or `unknown`: as good as waiting.
    case other(String)
  }
}

extension EntryAnswer: Decodable {
  private enum CodingKeys: String, CodingKey {
    case participantID = "id"
    case username, color, status
    case liveKit = "livekit"
  }

  /// Reads the answer. It must have a status, and its credentials, if any, must be whole.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    participantID = container.lenient(.participantID)
    username = container.lenient(.username)
    color = container.lenient(.color)
    status =
      switch try container.decode(String.self, forKey: .status) {
      case "waiting": .waiting
      case "accepted": .accepted
      case "denied": .denied
      case let name: .other(name)
      }
    liveKit = try container.decodeIfPresent(LiveKitCredentials.self, forKey: .liveKit)
  }
}

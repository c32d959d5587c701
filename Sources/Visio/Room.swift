/// A room as the instance shows it to an anonymous participant (`GET rooms/{code}/`).
public struct Room: Hashable, Sendable {
  /// The room's UUID; nil for a room that exists only while it is used. Such a room has no lobby, and neither hands nor
  /// names can be changed in it.
  public var id: String?
  /// Its name.
  public var name: String?
  /// Its code.
  public var slug: String?
  /// Who gets in without asking.
  public var accessLevel: AccessLevel?
  /// What may be published in it; nil for the instance's default.
  public var publishableSources: [String]?
  /// Whether participants may mute each other; nil for yes.
  public var everyoneCanMute: Bool?
  /// The code to type on a telephone; only for those who are let in.
  public var pinCode: String?
  /// The way in; nil when the room must ask in the lobby.
  public var liveKit: LiveKitCredentials?

  /// Whether the instance keeps the room.
  public var isRegistered: Bool { id != nil }
  /// Whether somebody in the meeting must let us in.
  public var requiresAdmission: Bool { liveKit == nil }
}

/// Who gets into a room without asking.
public enum AccessLevel: Hashable, Sendable {
  /// Everybody.
  case `public`
  /// Who has logged in.
  case trusted
  /// Who has a role in the room.
  case restricted
  /// A level of a later release.
  case other(String)
}

extension AccessLevel: Decodable {
  /// Reads the level's name.
  public init(from decoder: any Decoder) throws {
    switch try decoder.singleValueContainer().decode(String.self) {
    case "public": self = .public
    case "trusted": self = .trusted
    case "restricted": self = .restricted
    case let name: self = .other(name)
    }
  }
}

extension Room: Decodable {
  private enum CodingKeys: String, CodingKey {
    case id, name, slug, configuration
    case accessLevel = "access_level"
    case pinCode = "pin_code"
    case liveKit = "livekit"
  }

  private enum ConfigurationKeys: String, CodingKey {
    case canPublishSources = "can_publish_sources"
    case everyoneCanMute = "everyone_can_mute"
  }

  /// Reads the answer. It must name the room by id or slug, and its credentials, if any, must be whole.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.lenient(.id)
    slug = id == nil ? try container.decode(String.self, forKey: .slug) : container.lenient(.slug)
    name = container.lenient(.name)
    accessLevel = container.lenient(.accessLevel)
    pinCode = container.lenient(.pinCode)
    liveKit = try container.decodeIfPresent(LiveKitCredentials.self, forKey: .liveKit)
    if let configuration = try? container.nestedContainer(keyedBy: ConfigurationKeys.self, forKey: .configuration) {
      publishableSources = configuration.lenient(.canPublishSources)
      everyoneCanMute = configuration.lenient(.everyoneCanMute)
    }
  }
}

/// `GET config/`, as far as a client without a browser looks at it.
struct Config: Encodable {
  struct LiveKit: Encodable {
    var url: String
    var forceWSSProtocol: Bool
    var enableFirefoxProxyWorkaround: Bool
    var defaultSources: [String]

    enum CodingKeys: String, CodingKey {
      case url
      case forceWSSProtocol = "force_wss_protocol"
      case enableFirefoxProxyWorkaround = "enable_firefox_proxy_workaround"
      case defaultSources = "default_sources"
    }
  }

  struct Resource: Encodable {
    var defaultAccessLevel: AccessLevel

    enum CodingKeys: String, CodingKey {
      case defaultAccessLevel = "default_access_level"
    }
  }

  struct Enabled: Encodable {
    var enabled: Bool
  }

  struct Recording: Encodable {
    var isEnabled: Bool
    var availableModes: [String]

    enum CodingKeys: String, CodingKey {
      case isEnabled = "is_enabled"
      case availableModes = "available_modes"
    }
  }

  var languageCode: String
  var livekit: LiveKit
  var resource: Resource
  var telephony: Enabled
  var subtitle: Enabled
  var recording: Recording
  var authenticatedUsersCanEditDisplayName: Bool
  var autoMuteOnJoinThreshold: Int
  var maxParticipantsForSound: Int

  enum CodingKeys: String, CodingKey {
    case languageCode = "LANGUAGE_CODE"
    case livekit, resource, telephony, subtitle, recording
    case authenticatedUsersCanEditDisplayName = "authenticated_users_can_edit_display_name"
    case autoMuteOnJoinThreshold = "auto_mute_on_join_threshold"
    case maxParticipantsForSound = "max_participants_for_sound"
  }
}

/// How to reach the room's media.
struct LiveKitAccess: Encodable {
  var url: String
  var room: String
  var token: String
}

/// `GET rooms/{id or slug}/`.
struct RoomReply: Encodable {
  struct Configuration: Encodable {}

  var id: String
  var name: String
  var slug: String
  var accessLevel: AccessLevel
  var configuration = Configuration()
  /// Absent without access, not null.
  var livekit: LiveKitAccess?

  init(id: String, name: String, slug: String, accessLevel: AccessLevel) {
    self.id = id
    self.name = name
    self.slug = slug
    self.accessLevel = accessLevel
  }

  enum CodingKeys: String, CodingKey {
    case id, name, slug, configuration, livekit
    case accessLevel = "access_level"
    case pinCode = "pin_code"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    try container.encode(slug, forKey: .slug)
    try container.encode(accessLevel, forKey: .accessLevel)
    try container.encode(configuration, forKey: .configuration)
    guard let livekit else { return }
    try container.encode(livekit, forKey: .livekit)
    try container.encodeNil(forKey: .pinCode)
  }
}

/// `POST rooms/{id}/request-entry/`.
struct EntryRequest: Decodable {
  var username: String?
  var participantID: String?

  enum CodingKeys: String, CodingKey {
    case username
    case participantID = "participant_id"
  }
}

/// What `request-entry/` answers; `livekit` is null unless accepted.
struct EntryReply: Encodable {
  var id: String
  var username: String
  var color: String
  var status: Lobby.Status
  var livekit: LiveKitAccess?

  enum CodingKeys: String, CodingKey {
    case id, username, color, status, livekit
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(username, forKey: .username)
    try container.encode(color, forKey: .color)
    try container.encode(status, forKey: .status)
    try container.encode(livekit, forKey: .livekit)
  }
}

/// `POST rooms/{id}/toggle-hand/`.
struct HandRequest: Decodable {
  var raised: Bool
}

/// `POST rooms/{id}/rename/`.
struct RenameRequest: Decodable {
  var name: String
}

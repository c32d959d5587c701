/// What an instance tells before joining (`GET config/`). Each field is nil where the instance's release doesn't have
/// it.
public struct VisioConfiguration: Hashable, Sendable {
  /// The instance's language, such as `fr-fr`.
  public var languageCode: String?
  /// Where its LiveKit server is.
  public var liveKit: LiveKit?
  /// The access level of new rooms.
  public var defaultAccessLevel: AccessLevel?
  /// Joining by telephone.
  public var telephony: Telephony?
  /// Whether meetings may be recorded.
  public var isRecordingEnabled: Bool?
  /// Whether live subtitles exist.
  public var isSubtitleEnabled: Bool?
  /// Whether the instance makes rooms for connection tests.
  public var isConnectionTestEnabled: Bool?
  /// No sound is made for a newcomer from this many participants on.
  public var maximumParticipantsForSound: Int?
  /// A newcomer mutes itself when there are more participants than this.
  public var autoMuteOnJoinThreshold: Int?

  /// The LiveKit server, as the instance knows it.
  public struct LiveKit: Hashable, Sendable {
    /// Its address, with any scheme and often with a slash at its end;
    /// `LiveKitCredentials.signallingURL(preferring:)` makes it one to join at.
    public var url: String?
    /// The sources that may be published unless a room says otherwise.
    public var defaultSources: [String]?
  }

  /// Joining by telephone.
  public struct Telephony: Hashable, Sendable {
    /// Whether it is possible.
    public var isEnabled: Bool
    /// The number to call, international form.
    public var internationalPhoneNumber: String?
    /// The country of the number, ISO 3166-1.
    public var defaultCountry: String?
  }
}

extension VisioConfiguration: Decodable {
  private enum CodingKeys: String, CodingKey {
    case languageCode = "LANGUAGE_CODE"
    case liveKit = "livekit"
    case resource, telephony, recording, subtitle, diagnostics
    case maximumParticipantsForSound = "max_participants_for_sound"
    case autoMuteOnJoinThreshold = "auto_mute_on_join_threshold"
  }

  private struct Resource: Decodable {
    var defaultAccessLevel: AccessLevel?

    private enum CodingKeys: String, CodingKey { case defaultAccessLevel = "default_access_level" }
  }

  private struct Feature: Decodable {
    var isEnabled: Bool?

    private enum CodingKeys: String, CodingKey {
      case enabled
      case isEnabled = "is_enabled"
      case connectionTestEnabled = "connection_test_enabled"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      isEnabled =
        container.lenient(.enabled) ?? container.lenient(.isEnabled) ?? container.lenient(.connectionTestEnabled)
    }
  }

  /// Reads the answer. A JSON object that has neither a LiveKit server nor a language is another site's.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard container.contains(.liveKit) || container.contains(.languageCode) else {
      throw DecodingError.keyNotFound(
        CodingKeys.liveKit, .init(codingPath: decoder.codingPath, debugDescription: "not a Visio configuration"))
    }
    languageCode = container.lenient(.languageCode)
    liveKit = container.lenient(.liveKit)
    defaultAccessLevel = container.lenient(.resource, as: Resource.self)?.defaultAccessLevel
    telephony = container.lenient(.telephony)
    isRecordingEnabled = container.lenient(.recording, as: Feature.self)?.isEnabled
    isSubtitleEnabled = container.lenient(.subtitle, as: Feature.self)?.isEnabled
    isConnectionTestEnabled = container.lenient(.diagnostics, as: Feature.self)?.isEnabled
    maximumParticipantsForSound = container.lenient(.maximumParticipantsForSound)
    autoMuteOnJoinThreshold = container.lenient(.autoMuteOnJoinThreshold)
  }
}

extension VisioConfiguration.LiveKit: Decodable {
  private enum CodingKeys: String, CodingKey {
    case url
    case defaultSources = "default_sources"
  }

  /// Reads `livekit`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    url = container.lenient(.url)
    defaultSources = container.lenient(.defaultSources)
  }
}

extension VisioConfiguration.Telephony: Decodable {
  private enum CodingKeys: String, CodingKey {
    case isEnabled = "enabled"
    case internationalPhoneNumber = "international_phone_number"
    case defaultCountry = "default_country"
  }

  /// Reads `telephony`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    isEnabled = container.lenient(.isEnabled) ?? false
    internationalPhoneNumber = container.lenient(.internationalPhoneNumber)
    defaultCountry = container.lenient(.defaultCountry)
  }
}

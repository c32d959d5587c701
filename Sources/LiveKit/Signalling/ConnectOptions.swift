/// What describes this client to the server. Free text, kept honest; nothing depends on it.
public struct ClientDescription: Hashable, Sendable {
  /// The program, for `User-Agent`, such as "Salle".
  public var product: String
  /// Its version, such as "1.2.0".
  public var version: String
  /// The operating system, such as "linux".
  public var operatingSystem: String
  /// The box's model; may be empty.
  public var deviceModel: String

  /// A client's description.
  public init(
    product: String = "Salle", version: String, operatingSystem: String = "linux", deviceModel: String = ""
  ) {
    self.product = product
    self.version = version
    self.operatingSystem = operatingSystem
    self.deviceModel = deviceModel
  }
}

/// How the media is connected.
public enum ConnectionTopology: Hashable, Sendable {
  /// One peer connection for what we send, on which we offer, and one for what we receive, on which the server offers.
  /// Every server has it.
  case twoPeerConnections
  /// One for both, on which we offer. Servers since 1.9.10 have it; an older one is joined with two.
  case onePeerConnection
}

/// Where and how to join.
public struct ConnectOptions: Hashable, Sendable {
  /// The signalling server: an `http`, `https`, `ws` or `wss` URL, with or without a path.
  public var url: String
  /// The access token (a JWT).
  public var token: String
  /// How the media is connected.
  public var topology: ConnectionTopology
  /// Whether the server subscribes us to every track by itself.
  public var subscribesAutomatically: Bool
  /// Whether we say how large each track is shown, with `updateTrackSettings`. Until then the server sends the smallest
  /// layer.
  public var adaptsStreams: Bool
  /// Whether a host may open our microphone or camera from afar. Off by default: only somebody in the room may.
  public var allowsRemoteUnmute: Bool
  /// What describes this client.
  public var client: ClientDescription
  /// How long media may take to come up. LiveKit's server gives up after a minute itself.
  public var mediaTimeout: Duration

  /// A minute.
  public static let defaultMediaTimeout = Duration.seconds(60)

  /// Options to join a room with `token` at `url`.
  public init(
    url: String, token: String, topology: ConnectionTopology = .twoPeerConnections,
    subscribesAutomatically: Bool = true, adaptsStreams: Bool = true, allowsRemoteUnmute: Bool = false,
    mediaTimeout: Duration = ConnectOptions.defaultMediaTimeout, client: ClientDescription
  ) {
    self.url = url
    self.token = token
    self.topology = topology
    self.subscribesAutomatically = subscribesAutomatically
    self.adaptsStreams = adaptsStreams
    self.allowsRemoteUnmute = allowsRemoteUnmute
    self.mediaTimeout = mediaTimeout
    self.client = client
  }
}

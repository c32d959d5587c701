/// The way into a meeting's LiveKit room.
public struct LiveKitCredentials: Hashable, Sendable, Decodable {
  /// The server as this answer names it; may be empty.
  public var url: String
  /// The LiveKit room: the Visio room's UUID, or its code when it isn't registered.
  public var room: String
  /// The access token, a JWT valid for six hours. Secret: never log it.
  public var token: String

  /// Credentials for `room`.
  public init(url: String, room: String, token: String) {
    self.url = url
    self.room = room
    self.token = token
  }

  private enum CodingKeys: String, CodingKey { case url, room, token }

  /// Reads `livekit`; only the token can't be missing, as the others can be had elsewhere.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    token = try container.decode(String.self, forKey: .token)
    guard !token.isEmpty else {
      throw DecodingError.dataCorruptedError(forKey: .token, in: container, debugDescription: "empty token")
    }
    url = container.lenient(.url) ?? ""
    room = container.lenient(.room) ?? ""
  }

  /// The WebSocket address to join at, without a slash at its end: from the instance's configuration, which Visio's
  /// own page uses, or failing that from these credentials. Nil when neither is an address.
  public func signallingURL(preferring configuration: VisioConfiguration?) -> String? {
    configuration?.liveKit?.url.flatMap(Self.webSocketURL) ?? Self.webSocketURL(url)
  }

  /// `url` with the scheme of a WebSocket (`https` and none become `wss`, `http` becomes `ws`), without query,
  /// fragment and slashes at its end; its path stays.
  static func webSocketURL(_ url: String) -> String? {
    var rest = Substring(url)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    var scheme = "wss"
    for (from, to) in [("https://", "wss"), ("wss://", "wss"), ("http://", "ws"), ("ws://", "ws")]
    where rest.prefix(from.count).lowercased() == from {
      scheme = to
      rest.removeFirst(from.count)
      break
    }
    guard let parts = LinkParts("https://\(rest)"), let instance = VisioInstance(parts) else { return nil }
    var path = parts.path
    while path.hasSuffix("/") { path.removeLast() }
    let port = parts.port.flatMap { $0 == (scheme == "wss" ? 443 : 80) ? nil : ":\($0)" } ?? ""
    return "\(scheme)://\(instance.host)\(port)" + (path.isEmpty ? "" : "/\(path)")
  }
}

extension LiveKitCredentials: CustomStringConvertible, CustomDebugStringConvertible {
  /// The server and the room, without the token.
  public var description: String { "\(room) at \(url)" }
  /// The same: a token must not reach a log by way of a debugger's format.
  public var debugDescription: String { description }
}

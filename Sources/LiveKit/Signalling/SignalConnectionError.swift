/// Why there is no signalling connection, or no longer one.
public enum SignalConnectionError: Error, Hashable, Sendable {
  /// The URL can't be used; the text says why, for the log. A configuration or server error: don't retry.
  case invalidURL(String)
  /// The host's name has no address, or no TCP connection came about: no network, a firewall, the server down. Retry.
  case unreachable(String)
  /// TLS failed; the text says how. When `isUntrusted`, the certificate isn't one that the box trusts for this host:
  /// retrying won't help, the administrator must look.
  case tls(String, isUntrusted: Bool)
  /// The server answered the upgrade with an HTTP error. `body` is the start of its text.
  /// - 401: the token isn't accepted; get a new one.
  /// - 404: this kind of signalling doesn't exist there (see `isUnknownPath`), or the room doesn't.
  /// - 503: the node is over its limits; retry later.
  case rejected(status: Int, body: String)
  /// The answer to the upgrade isn't that of a WebSocket server.
  case notWebSocket
  /// No answer to the upgrade, or no first message, in time. Retry.
  case timedOut
  /// The server broke the WebSocket protocol, or sent a message above 2 MiB.
  case protocolViolation(String)
  /// The connection closed; `code` is the WebSocket close code (RFC 6455 §7.4), nil when the transport just ended.
  case closed(code: Int?)

  /// Whether a 404 means that the server is too old for this path, rather than that the room doesn't exist.
  public var isUnknownPath: Bool {
    guard case .rejected(status: 404, let body) = self else { return false }
    return !body.contains("room does not exist")
  }
}

/// A Visio instance: the origin that its pages and its API live under.
public struct VisioInstance: Hashable, Sendable {
  /// Whether requests are encrypted. Plain HTTP is for a loopback instance, or one configured with `http://`.
  public let usesTLS: Bool
  /// The host in lower case: a name, an IPv4 address, or an IPv6 address in brackets.
  public let host: String
  /// The port, when it isn't the scheme's own.
  public let port: UInt16?

  /// The instance at `origin`: `https://visio.example`, or `visio.example` for short. A path is left out. Nil when it
  /// is no web origin.
  public init?(_ origin: String) {
    guard let parts = LinkParts(origin) else { return nil }
    self.init(parts)
  }

  init?(_ parts: LinkParts) {
    guard let host = parts.host else { return nil }
    usesTLS = parts.scheme != "http"
    self.host = host
    port = parts.port == (usesTLS ? 443 : 80) ? nil : parts.port
  }

  init(usesTLS: Bool, host: String, port: UInt16?) {
    self.usesTLS = usesTLS
    self.host = host
    self.port = port
  }

  /// The host with the port, as people know the instance.
  public var authority: String { host + (port.map { ":\($0)" } ?? "") }

  /// The origin as a URL, without a slash at its end.
  public var origin: String { "\(usesTLS ? "https" : "http")://\(authority)" }

  /// Whether the host is this machine, so that plain HTTP goes over no network.
  public var isLoopback: Bool { host == "localhost" || host == "[::1]" || host.hasPrefix("127.") }

  /// The same instance over TLS.
  var encrypted: VisioInstance { VisioInstance(usesTLS: true, host: host, port: port) }
}

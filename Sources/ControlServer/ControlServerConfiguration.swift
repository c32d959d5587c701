import Catalogue

/// Where to listen: an address of this machine and a port.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// A name or a numeric address; `0.0.0.0` or `::` for all of the machine's.
  public var host: String
  /// The port; 0 for any that is free.
  public var port: Int

  /// An address and a port.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// What `text` says: `192.0.2.1:23`, `[2001:db8::1]:23`, or `:23` for all of the machine's addresses. Nil when it says
  /// something else.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    self.init(host: host.isEmpty ? "::" : String(host), port: Int(port))
  }

  /// The address as it is written in a URL.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What a control server listens on. Everything is off unless it is named.
public struct ControlServerConfiguration: Sendable {
  /// Where terminals connect, by TCP over TLS.
  public var terminal: ListenAddress?
  /// Where HTTPS is served: JSON-RPC over WebSocket at `/ws`, and REST below `/api`.
  public var https: ListenAddress?
  /// The serial ports with a terminal each.
  public var serial: [SerialPortSettings]
  /// The file with the certificate, and those between it and the root, in PEM. Needed for `terminal` and `https`.
  public var certificatePath: String?
  /// The file with the certificate's private key, in PEM. Needed for `terminal` and `https`.
  public var privateKeyPath: String?
  /// The names and addresses under which the device may be asked by HTTPS, without ports. A request for another comes
  /// from a page that has redirected its own name here, and is refused. `localhost` and the address that a connection
  /// came to are always allowed.
  public var allowedHosts: Set<String>
  /// The files of the touch panel's page, by their paths, such as `/panel/panel.js`: served by HTTPS to anybody.
  public var pages: [String: WebPage]
  /// What those files may load and ask (Content Security Policy).
  public var pagePolicy: String
  /// How the page is entered without a name; closed unless it is opened.
  public var entrance: WebEntrance
  /// The language of help and descriptions.
  public var language: Language
  /// The room's name, by which terminals are greeted.
  public var roomName: String
  /// The program's version.
  public var version: String

  /// A server that listens on nothing yet.
  public init(
    terminal: ListenAddress? = nil, https: ListenAddress? = nil, serial: [SerialPortSettings] = [],
    certificatePath: String? = nil, privateKeyPath: String? = nil, allowedHosts: Set<String> = [],
    pages: [String: WebPage] = [:], pagePolicy: String? = nil, language: Language = .french,
    roomName: String = "Salle", version: String = "", entrance: WebEntrance = .closed
  ) {
    self.terminal = terminal
    self.https = https
    self.serial = serial
    self.certificatePath = certificatePath
    self.privateKeyPath = privateKeyPath
    self.allowedHosts = allowedHosts
    self.pages = pages
    self.pagePolicy = pagePolicy ?? HTTPAnswer.strictPolicy
    self.language = language
    self.roomName = roomName
    self.version = version
    self.entrance = entrance
  }
}

/// A file that is served as it is.
public struct WebPage: Hashable, Sendable {
  /// What it is, such as `text/html; charset=utf-8`.
  public var contentType: String
  /// What is in it.
  public var bytes: [UInt8]

  /// A file.
  public init(contentType: String, bytes: [UInt8]) {
    self.contentType = contentType
    self.bytes = bytes
  }
}

/// A serial port with a terminal on it.
public struct SerialPortSettings: Hashable, Sendable {
  /// How a byte's bits are guarded.
  public enum Parity: String, Hashable, Sendable, CaseIterable {
    /// Not at all.
    case none = "None"
    /// By a bit that makes the number of ones even.
    case even = "Even"
    /// By a bit that makes the number of ones odd.
    case odd = "Odd"
  }

  /// The device's file, best one that stays the same: `/dev/serial/by-path/…`.
  public var path: String
  /// The rate, bits a second; nil for what the setting `SerialPort BaudRate` says.
  public var baudRate: Int?
  /// The parity; nil for what the setting `SerialPort Parity` says.
  public var parity: Parity?
  /// Whether name and password are asked for; nil for what the setting `SerialPort LoginRequired` says.
  public var requiresLogin: Bool?

  /// A port that follows the tree's settings, except for what is given here.
  public init(path: String, baudRate: Int? = nil, parity: Parity? = nil, requiresLogin: Bool? = nil) {
    self.path = path
    self.baudRate = baudRate
    self.parity = parity
    self.requiresLogin = requiresLogin
  }
}

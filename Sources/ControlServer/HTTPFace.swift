import Catalogue
import Control
import NIOCore
import NIOHTTP1

/// Who asks, as far as the transport knows.
struct HTTPCaller: Sendable {
  /// The address of this machine that was asked, as text.
  let localAddress: String?

  init(_ channel: any Channel) { self.init(localAddress: channel.localAddress?.ipAddress) }

  /// Who asked this address. One of IPv4 is written as such, also where a socket takes both (RFC 4291 section 2.5.5.2).
  init(localAddress: String?) {
    self.localAddress = localAddress.map { $0.hasPrefix("::ffff:") && $0.contains(".") ? String($0.dropFirst(7)) : $0 }
  }
}

/// An answer in place of what was asked for.
struct HTTPRefusal: Error {
  let response: HTTPAnswer

  init(_ response: RESTResponse, closes: Bool = false) { self.response = HTTPAnswer(response, closes: closes) }
}

/// What is common to all HTTP connections: who may ask, and what is behind it.
struct HTTPFace: Sendable {
  let center: ControlCenter
  let rest: RESTFace
  let language: Language
  let sessions = WebSessions()
  let entrance: WebEntrance
  let pages: [String: WebPage]
  let pagePolicy: String
  private let allowedHosts: Set<String>

  init(center: ControlCenter, configuration: ControlServerConfiguration) {
    self.center = center
    language = configuration.language
    entrance = configuration.entrance
    pages = configuration.pages
    pagePolicy = configuration.pagePolicy
    rest = RESTFace(language: configuration.language, version: configuration.version)
    allowedHosts = Set(configuration.allowedHosts.map { $0.lowercased() } + ["localhost"])
  }

  // MARK: Admission

  /// Whether a request is for this device, and not made by a page from elsewhere.
  func check(_ head: HTTPRequestHead, _ caller: HTTPCaller) -> HTTPRefusal? {
    let hosts = head.headers["Host"]
    guard hosts.count == 1, let authority = hosts.first else {
      return HTTPRefusal(.problem(400, "One Host is needed"), closes: true)
    }
    // A page that has redirected its own name here is from another host than it says (DNS rebinding).
    let host = Self.host(of: authority)
    guard allowedHosts.contains(host) || host == caller.localAddress.map(Self.host) else {
      return HTTPRefusal(.problem(421, "Misdirected request"), closes: true)
    }
    // Browsers send credentials along with what other sites' pages ask for, too; they say then where it comes from.
    let isSafe = head.method == .GET || head.method == .HEAD
    let isUpgrade = head.headers.contains(name: "Upgrade")
    guard isSafe && !isUpgrade else {
      let origins = head.headers["Origin"]
      let site = head.headers.first(name: "Sec-Fetch-Site")
      guard origins.allSatisfy({ $0.lowercased() == "https://" + authority.lowercased() }), origins.count <= 1,
        site == nil || site == "same-origin" || site == "none"
      else { return HTTPRefusal(.problem(403, "Another site's request"), closes: true) }
      return nil
    }
    return nil
  }

  /// The host of an authority (RFC 3986 section 3.2), in lower case, without brackets.
  private static func host(of authority: String) -> String {
    let text = authority.lowercased()
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      return String(text[text.index(after: text.startIndex)..<end])
    }
    // Without brackets, an IPv6 address has no port.
    guard text.count(where: { $0 == ":" }) == 1 else { return text }
    return String(text.prefix { $0 != ":" })
  }

  /// The role of whoever sends these credentials.
  func role(of credentials: ControlCredentials?) async -> Result<ControlRole, HTTPRefusal> {
    if let credentials, let role = await center.role(name: credentials.name, password: credentials.password) {
      return .success(role)
    }
    let challenge = RESTResponse.Header(name: "WWW-Authenticate", value: "Basic realm=\"Salle\", charset=\"UTF-8\"")
    return .failure(HTTPRefusal(.problem(401, "Sign in", headers: [challenge])))
  }

  /// Whether a WebSocket may be opened: in which role, and with which headers in the answer.
  func admitWebSocket(
    _ head: HTTPRequestHead, _ caller: HTTPCaller
  ) async -> Result<(role: ControlRole, headers: HTTPHeaders), HTTPRefusal> {
    if let refusal = check(head, caller) { return .failure(refusal) }
    guard head.uri.prefix(while: { $0 != "?" }) == "/ws" else {
      return .failure(HTTPRefusal(.problem(404, "Not found")))
    }
    var headers = HTTPHeaders()
    var credentials = head.headers.first(name: "Authorization").flatMap { ControlCredentials(authorization: $0) }
    let subprotocols = head.headers["Sec-WebSocket-Protocol"].joined(separator: ",")
    if credentials == nil, let found = ControlCredentials.find(inSubprotocols: subprotocols) {
      credentials = found.credentials
      headers.add(name: "Sec-WebSocket-Protocol", value: found.subprotocol)
    }
    if credentials == nil, let role = sessions.role(of: head.headers) { return .success((role, headers)) }
    let result = await role(of: credentials)
    // Client libraries know by this status that the name or password is wrong.
    if credentials != nil, case .failure = result {
      return .failure(HTTPRefusal(.problem(403, "Wrong name or password")))
    }
    return result.map { ($0, headers) }
  }
}

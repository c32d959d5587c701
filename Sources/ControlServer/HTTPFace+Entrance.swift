import Control
import NIOHTTP1

extension HTTPFace {
  /// The most bytes of what somebody says who hasn't signed in.
  private static let maximumLength = 4_096

  /// Whether a request is for what nobody has to be signed in for.
  static func isEntrance(_ head: HTTPRequestHead) -> Bool { head.uri == "/api/session" || head.uri == "/api/setup" }

  /// What a request at the entrance is answered; nil when it is for something else.
  func enter(_ head: HTTPRequestHead, _ body: [UInt8]) async -> RESTResponse? {
    do throws(HTTPRefusal) {
      switch head.uri {
      case "/api/session": return try await session(head, body)
      case "/api/setup": return try await setup(head, body)
      default: return nil
      }
    } catch {
      return error.response.response
    }
  }

  /// `/api/session`: signing in on a page, asking whether one has, and signing out.
  private func session(_ head: HTTPRequestHead, _ body: [UInt8]) async throws(HTTPRefusal) -> RESTResponse {
    // Without a challenge: the page asks for the name itself.
    let refusal = RESTResponse.problem(401, "Sign in")
    switch head.method {
    case .GET, .HEAD:
      guard let role = sessions.role(of: head.headers) else { return refusal }
      return .json(["role": .string(role.rawValue)])
    case .POST:
      let value = try Self.document(head, body)
      if let token = value["pairing"]?.string {
        return await entrance.pair(token).map { begin($0, for: WebSessions.pairedTime) } ?? refusal
      }
      guard let name = value["name"]?.string, let password = value["password"]?.string else {
        return .problem(400, "Name and password are needed")
      }
      return await center.role(name: name, password: password).map { begin($0) } ?? refusal
    case .DELETE:
      sessions.end(head.headers)
      var response = RESTResponse.json(nil)
      response.headers = [WebSessions.header(nil)]
      return response
    default: return Self.notAllowed("GET, HEAD, POST, DELETE")
    }
  }

  /// `/api/setup`: whether the first PIN is still to be set, and setting it.
  private func setup(_ head: HTTPRequestHead, _ body: [UInt8]) async throws(HTTPRefusal) -> RESTResponse {
    switch head.method {
    case .GET, .HEAD: return .json(["needed": .boolean(await entrance.needsSetup())])
    case .POST:
      let value = try Self.document(head, body)
      guard let code = value["code"]?.string, let password = value["password"]?.string else {
        return .problem(400, "Code and password are needed")
      }
      switch await entrance.setUp(code, password) {
      case .set(let role): return begin(role)
      case .over: return .problem(409, "The first password is set already")
      case .wrongCode: return .problem(403, "Wrong code")
      case .later: return .problem(429, "Too many attempts")
      case .refused: return .problem(422, "No password")
      }
    default: return Self.notAllowed("GET, HEAD, POST")
    }
  }

  private func begin(_ role: ControlRole, for time: Duration = WebSessions.longestTime) -> RESTResponse {
    var response = RESTResponse.json(["role": .string(role.rawValue)])
    response.headers = [WebSessions.header(sessions.begin(role, for: time))]
    return response
  }

  private static func document(_ head: HTTPRequestHead, _ body: [UInt8]) throws(HTTPRefusal) -> JSONValue {
    // A form of another site's page can't send this type.
    guard head.headers.first(name: "Content-Type")?.lowercased().hasPrefix("application/json") == true else {
      throw HTTPRefusal(.problem(415, "JSON is needed"))
    }
    guard body.count <= maximumLength, let value = try? JSONReader.value(of: body) else {
      throw HTTPRefusal(.problem(400, "JSON is needed"))
    }
    return value
  }

  private static func notAllowed(_ methods: String) -> RESTResponse {
    .problem(405, "Method not allowed", headers: [.init(name: "Allow", value: methods)])
  }
}

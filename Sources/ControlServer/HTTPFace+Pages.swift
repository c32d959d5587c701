import Control
import NIOHTTP1

extension HTTPFace {
  /// The page's file that a request is for, which anybody may have: what is behind it asks for the login. Nil when there is
  /// none.
  func page(_ head: HTTPRequestHead) -> HTTPAnswer? {
    let path = head.uri.prefix { $0 != "?" }
    guard head.method == .GET || head.method == .HEAD, let page = pages[String(path)] else { return nil }
    var response = RESTResponse.file(page.bytes, page.contentType)
    let tag = response.headers.first { $0.name == "ETag" }?.value
    if let tag, head.headers["If-None-Match"].contains(tag) { response = .unchanged(tag) }
    return HTTPAnswer(response, policy: pagePolicy)
  }

  /// What a request for `/api/session` is answered: signing in on a page, asking whether one has, and signing out. Nil when
  /// it is for something else.
  func session(_ head: HTTPRequestHead, _ body: [UInt8]) async -> RESTResponse? {
    guard head.uri == "/api/session" else { return nil }
    // Without a challenge: the page asks for the name itself.
    let refusal = RESTResponse.problem(401, "Sign in")
    switch head.method {
    case .GET, .HEAD:
      guard let role = sessions.role(of: head.headers) else { return refusal }
      return .json(["role": .string(role.rawValue)])
    case .POST:
      guard head.headers.first(name: "Content-Type")?.lowercased().hasPrefix("application/json") == true else {
        return .problem(415, "JSON is needed")
      }
      guard body.count <= 4_096, let value = try? JSONReader.value(of: body), let name = value["name"]?.string,
        let password = value["password"]?.string
      else { return .problem(400, "Name and password are needed") }
      guard let role = await center.role(name: name, password: password) else { return refusal }
      var response = RESTResponse.json(["role": .string(role.rawValue)])
      response.headers = [WebSessions.header(sessions.begin(role))]
      return response
    case .DELETE:
      sessions.end(head.headers)
      var response = RESTResponse.json(nil)
      response.headers = [WebSessions.header(nil)]
      return response
    default:
      return .problem(
        405, "Method not allowed", headers: [.init(name: "Allow", value: "GET, HEAD, POST, DELETE")])
    }
  }
}

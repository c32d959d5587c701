import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The part of Visio's HTTP API that a participant uses, for one registered room, on 127.0.0.1. What the room itself has
/// to do it asks the backend for.
struct VisioServer: Sendable {
  /// The room as the API sees it.
  struct Backend: Sendable {
    /// Facts that may change while the server runs.
    var facts: @Sendable () async -> Facts
    /// A token for somebody who may come in.
    var makeToken: @Sendable (_ identity: String, _ name: String) -> AccessToken.Signed
    /// Somebody asks to enter.
    var requestEntry: @Sendable (_ id: String, _ name: String) async -> Lobby.Status
    /// Checks a LiveKit token.
    var verify: @Sendable (_ token: String) -> AccessToken?
    /// Raises or lowers a participant's hand; false when there is no such participant.
    var setHand: @Sendable (_ identity: String, _ raised: Bool) async -> Bool
    /// Renames a participant; false when there is no such participant.
    var rename: @Sendable (_ identity: String, _ name: String) async -> Bool
  }

  struct Facts: Sendable {
    var id: String
    var slug: String
    var name: String
    var accessLevel: AccessLevel
    var mediaURL: String
    var behaviour: InstanceBehaviour
  }

  /// The cookie that keeps somebody's place in the lobby.
  static let lobbyCookie = "lobbyParticipantId"
  /// Bytes of a request's body, at most.
  static let maximumBodySize = 16_384

  let backend: Backend

  /// The routes. Unknown paths get the web application's page, as at a real instance.
  func makeRouter() -> Router<BasicRequestContext> {
    let router = Router()
    router.add(middleware: BehaviourMiddleware(facts: backend.facts))
    let api = router.group("api/v1.0")
    api.get("config") { _, _ in try await config() }
    api.get("rooms/{room}") { request, context in try await room(request, context) }
    api.post("rooms/{room}/request-entry") { request, context in try await requestEntry(request, context) }
    api.post("rooms/{room}/toggle-hand") { request, context in try await toggleHand(request, context) }
    api.post("rooms/{room}/rename") { request, context in try await rename(request, context) }
    return router
  }

  // MARK: Routes

  private func config() async throws -> Response {
    let facts = await backend.facts()
    return try JSONReply(
      Config(
        languageCode: "fr-fr",
        livekit: .init(
          url: facts.mediaURL, forceWSSProtocol: false, enableFirefoxProxyWorkaround: false,
          defaultSources: ["camera", "microphone", "screen_share", "screen_share_audio"]),
        resource: .init(defaultAccessLevel: facts.accessLevel), telephony: .init(enabled: false),
        subtitle: .init(enabled: false), recording: .init(isEnabled: false, availableModes: []),
        authenticatedUsersCanEditDisplayName: true, autoMuteOnJoinThreshold: 50, maxParticipantsForSound: 5)
    ).response()
  }

  private func room(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let facts = await backend.facts()
    guard isRoom(context, facts) else { return try Self.noSuchRoom() }
    var reply = RoomReply(id: facts.id, name: facts.name, slug: facts.slug, accessLevel: facts.accessLevel)
    if facts.accessLevel == .public {
      let name = request.uri.queryParameters["username"].map(String.init) ?? "Anonymous"
      reply.livekit = access(RandomText.uuid(), name, facts)
    }
    return try JSONReply(reply).response()
  }

  private func requestEntry(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let facts = await backend.facts()
    guard isRoom(context, facts) else { return try Self.noSuchRoom() }
    let body: EntryRequest? = await Self.decode(request)
    guard let name = body?.username?.trimmed, !name.isEmpty else {
      return try JSONReply(["username": ["This field is required."]]).response(status: .badRequest)
    }
    let known = Self.cookie(request) ?? body?.participantID
    let id = known.flatMap { UUID(uuidString: $0) == nil ? nil : $0 } ?? RandomText.uuid()
    let status = await backend.requestEntry(id, name)
    let reply = EntryReply(
      id: id, username: name, color: Self.colour(of: id), status: status,
      livekit: status == .accepted ? access(id, name, facts) : nil)
    var response = try JSONReply(reply).response()
    response.headers[.setCookie] = "\(Self.lobbyCookie)=\(id); HttpOnly; Path=/; SameSite=Lax"
    return response
  }

  private func toggleHand(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let facts = await backend.facts()
    guard isRoom(context, facts) else { return try Self.noSuchRoom() }
    guard let identity = caller(request, facts) else { return try Self.forbidden() }
    let body: HandRequest? = await Self.decode(request)
    guard let raised = body?.raised else {
      return try JSONReply(["raised": ["This field is required."]]).response(status: .badRequest)
    }
    return try await Self.outcome(backend.setHand(identity, raised))
  }

  private func rename(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let facts = await backend.facts()
    guard isRoom(context, facts) else { return try Self.noSuchRoom() }
    guard let identity = caller(request, facts) else { return try Self.forbidden() }
    let body: RenameRequest? = await Self.decode(request)
    guard let name = body?.name, (1...255).contains(name.count) else {
      return try JSONReply(["name": ["Ensure this field has 1 to 255 characters."]]).response(status: .badRequest)
    }
    return try await Self.outcome(backend.rename(identity, name))
  }

  // MARK: Inner works

  private func isRoom(_ context: BasicRequestContext, _ facts: Facts) -> Bool {
    guard let name = context.parameters.get("room").map({ $0.lowercased() }) else { return false }
    if let id = UUID(uuidString: name) { return id.uuidString.lowercased() == facts.id }
    return name == facts.slug
  }

  private func access(_ identity: String, _ name: String, _ facts: Facts) -> LiveKitAccess {
    LiveKitAccess(url: facts.mediaURL, room: facts.id, token: backend.makeToken(identity, name).text)
  }

  /// Who calls, by either form of LiveKit-token authorisation.
  private func caller(_ request: Request, _ facts: Facts) -> String? {
    guard let header = request.headers[.authorization] else { return nil }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0] == "Bearer" || parts[0] == "X-LiveKit-Token",
      let token = backend.verify(String(parts[1])), token.video?.room == facts.id
    else { return nil }
    return token.subject
  }

  private static func decode<Body: Decodable>(_ request: Request) async -> Body? {
    guard let buffer = try? await request.body.collect(upTo: maximumBodySize) else { return nil }
    return try? JSONDecoder().decode(Body.self, from: Data(buffer.readableBytesView))
  }

  private static func cookie(_ request: Request) -> String? {
    for header in request.headers[values: .cookie] {
      for pair in header.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        if parts.count == 2, String(parts[0]).trimmed == lobbyCookie { return String(parts[1]).trimmed }
      }
    }
    return nil
  }

  private static func noSuchRoom() throws -> Response {
    try JSONReply(["detail": "No Room matches the given query."]).response(status: .notFound)
  }

  private static func forbidden() throws -> Response {
    try JSONReply(["detail": "Authentication credentials were not provided."]).response(status: .forbidden)
  }

  private static func outcome(_ isDone: Bool) throws -> Response {
    isDone
      ? try JSONReply(["status": "success"]).response()
      : try JSONReply(["error": "Participant not found"]).response(status: .notFound)
  }

  /// A participant's colour, the same for the same identity.
  static func colour(of identity: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in identity.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return "hsl(\(hash % 360), \(50 + hash / 360 % 26)%, \(25 + hash / 9_360 % 36)%)"
  }
}

extension AccessToken {
  /// A token with its text.
  struct Signed: Sendable {
    var token: AccessToken
    var text: String
  }
}

extension String {
  /// Without blanks at either end.
  var trimmed: String {
    var result = self[...]
    while result.first?.isWhitespace == true { result.removeFirst() }
    while result.last?.isWhitespace == true { result.removeLast() }
    return String(result)
  }
}

/// Does to every request what the instance's behaviour says, and answers unknown paths with a page.
private struct BehaviourMiddleware: RouterMiddleware {
  typealias Context = BasicRequestContext

  let facts: @Sendable () async -> VisioServer.Facts

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    switch await facts().behaviour {
    case .healthy, .blockingMedia: break
    case .foreign: return Self.page()
    case .failing:
      return Response(status: .internalServerError, headers: [.contentType: "text/html"], body: .init())
    case .throttled(let seconds):
      var response = try JSONReply(["detail": "Request was throttled."]).response(status: .tooManyRequests)
      response.headers[.retryAfter] = "\(seconds)"
      return response
    case .redirecting(let base):
      return Response(status: .movedPermanently, headers: [.location: base + request.uri.description])
    }
    let path = request.uri.path
    // Routes end in a slash; a GET without it is redirected.
    if path.hasPrefix("/api/"), !path.hasSuffix("/"), request.method == .get {
      return Response(
        status: .movedPermanently, headers: [.location: path + "/" + (request.uri.query.map { "?" + $0 } ?? "")])
    }
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      return path.hasPrefix("/api/")
        ? try JSONReply(["detail": "Not found."]).response(status: .notFound) : Self.page()
    }
  }

  private static func page() -> Response {
    let page = "<!doctype html><html lang=\"fr\"><head><title>Visio</title></head><body></body></html>"
    return Response(
      status: .ok, headers: [.contentType: "text/html"], body: .init(byteBuffer: ByteBuffer(string: page)))
  }
}

/// An answer in JSON.
struct JSONReply<Value: Encodable> {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }

  func response(status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(value)
    return Response(
      status: status, headers: [.contentType: "application/json"],
      body: .init(byteBuffer: ByteBuffer(bytes: data)))
  }
}

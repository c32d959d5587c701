import FoundationEssentials
import HTTPExchange

/// The client of one instance's API, as an anonymous participant. It keeps nothing between calls: who we are in the
/// lobby comes with each request.
public struct VisioClient: Sendable {
  /// The instance.
  public let instance: VisioInstance
  /// How long one request may take.
  public var timeout: Duration
  private let transport: any HTTPTransport

  /// Redirects of a GET that are followed.
  static let maximumRedirects = 5
  /// The longest name that LiveKit takes, characters; Visio's own page stops at 50.
  static let maximumNameLength = 255

  /// A client of `instance`.
  public init(instance: VisioInstance, transport: any HTTPTransport, timeout: Duration = .seconds(15)) {
    self.instance = instance
    self.transport = transport
    self.timeout = timeout
  }

  /// Asks what the instance is like, which also proves that it is Visio.
  ///
  /// - Returns: The configuration, and the instance that gave it after redirects: use that one from here on, since
  ///   requests other than reading are never redirected.
  public func configuration() async throws(VisioError) -> (VisioConfiguration, instance: VisioInstance) {
    let (response, url) = try await get(path: "config/")
    guard response.status == 200 else {
      // A site without this path answers 404 in whatever form; only Visio has it.
      if response.status == 404 { throw .notVisio(host: instance.authority) }
      throw failure(response)
    }
    try requireJSON(response)
    guard let configuration = Self.decodeConfiguration(response.body) else {
      throw .notVisio(host: instance.authority)
    }
    return (configuration, VisioInstance(url) ?? instance)
  }

  /// Looks a room up, and is let in at once if it is public.
  ///
  /// - Parameter username: The name to be shown for us, if we get in.
  public func room(_ code: MeetingCode, username: String? = nil) async throws(VisioError) -> Room {
    let name = username.map { "?username=" + PercentEncoding.encoded(String($0.prefix(Self.maximumNameLength))) }
    let (response, _) = try await get(path: "rooms/\(code.pathSegment)/\(name ?? "")")
    try requireSuccess(response)
    guard let room = Self.decodeRoom(response.body) else { throw unreadable }
    return room
  }

  /// Asks to be let in, and again whether one is.
  ///
  /// - Parameter participantID: What the last answer gave; nil the first time, or a UUID of the room's own to keep one
  ///   identity. It is sent as the cookie of today's releases and in the body for those to come.
  public func requestEntry(
    _ code: MeetingCode, username: String, participantID: String?
  ) async throws(VisioError) -> EntryAnswer {
    var body = ["username": String(username.prefix(Self.maximumNameLength))]
    var headers: [HTTPField] = []
    if let participantID, Self.isCookieValue(participantID) {
      body["participant_id"] = participantID
      headers.append(HTTPField("Cookie", "\(Self.lobbyCookie)=\(participantID)"))
    }
    let response = try await post(path: "rooms/\(code.pathSegment)/request-entry/", body: body, headers: headers)
    try requireSuccess(response)
    guard var answer = Self.decodeEntryAnswer(response.body) else { throw unreadable }
    // Where both are given, the cookie is the key to our place.
    answer.participantID = Self.lobbyCookie(in: response) ?? answer.participantID ?? participantID
    return answer
  }

  /// Raises or lowers our own hand. Throws `notAllowed` too while we aren't in the meeting.
  ///
  /// - Parameters:
  ///   - roomID: `Room.id`.
  ///   - token: A valid LiveKit token of ours for that room.
  public func setHandRaised(_ isRaised: Bool, roomID: String, token: String) async throws(VisioError) {
    _ = try await postAsParticipant(roomID: roomID, action: "toggle-hand", body: ["raised": isRaised], token: token)
  }

  /// Changes our own name. Throws `notAllowed` too while we aren't in the meeting.
  ///
  /// - Returns: The name that the instance has given us, which may differ where it is taken.
  public func rename(_ name: String, roomID: String, token: String) async throws(VisioError) -> String {
    let name = String(name.prefix(Self.maximumNameLength))
    let response = try await postAsParticipant(roomID: roomID, action: "rename", body: ["name": name], token: token)
    return Self.decodeAssignedName(response.body) ?? name
  }
}

// Requests.
extension VisioClient {
  private static let lobbyCookie = "lobbyParticipantId"
  // Firewalls in front of ministries' services turn clients without a name away.
  private static let commonHeaders = [HTTPField("Accept", "application/json"), HTTPField("User-Agent", "Salle")]

  private var unreadable: VisioError { .unreadableAnswer(host: instance.authority) }

  private func send(_ request: HTTPRequest) async throws(VisioError) -> HTTPResponse {
    do {
      return try await transport.send(request)
    } catch {
      throw VisioError(error, host: instance.authority)
    }
  }

  /// The answer after redirects, and the URL that gave it.
  private func get(path: String) async throws(VisioError) -> (HTTPResponse, url: String) {
    var request = HTTPRequest(method: .get, url: "\(instance.origin)/api/v1.0/\(path)", timeout: timeout)
    request.headers = Self.commonHeaders
    for _ in 0...Self.maximumRedirects {
      let response = try await send(request)
      guard [301, 302, 303, 307, 308].contains(response.status) else { return (response, request.url) }
      guard let location = response.header("Location"), let url = Self.redirection(from: request.url, to: location)
      else { break }
      request.url = url
    }
    throw .redirectRefused(host: instance.authority)
  }

  /// The absolute URL of a redirect, or nil for one that isn't followed: to another scheme than HTTP's, or from TLS
  /// to plain HTTP.
  static func redirection(from url: String, to location: String) -> String? {
    guard let base = URL(string: url), let target = URL(string: location, relativeTo: base)?.absoluteURL,
      let scheme = target.scheme?.lowercased(), target.host != nil
    else { return nil }
    guard scheme == "https" || (scheme == "http" && base.scheme?.lowercased() == "http") else { return nil }
    return target.absoluteString
  }

  private func post(
    path: String, body: some Encodable, headers: [HTTPField]
  ) async throws(VisioError) -> HTTPResponse {
    var request = HTTPRequest(method: .post, url: "\(instance.origin)/api/v1.0/\(path)", timeout: timeout)
    request.headers = Self.commonHeaders + [HTTPField("Content-Type", "application/json")] + headers
    guard let json = try? JSONEncoder().encode(body) else { throw .rejected(detail: "the request isn't JSON") }
    request.body = Array(json)
    return try await send(request)
  }

  /// Posts with our LiveKit token: as bearer, and on refusal once in the form of later releases (visio.md §11).
  private func postAsParticipant(
    roomID: String, action: String, body: some Encodable, token: String
  ) async throws(VisioError) -> HTTPResponse {
    let path = "rooms/\(PercentEncoding.encoded(roomID))/\(action)/"
    var response = try await post(path: path, body: body, headers: [HTTPField("Authorization", "Bearer \(token)")])
    if response.status == 403 {
      response = try await post(
        path: path, body: body, headers: [HTTPField("Authorization", "X-LiveKit-Token \(token)")])
    }
    // "Participant not found": the meeting exists, but LiveKit doesn't have us in it, or no longer.
    if response.status == 404, isJSON(response) { throw .notAllowed }
    try requireSuccess(response)
    return response
  }
}

// Answers.
extension VisioClient {
  /// Reads the answer of `config/`; nil when it isn't Visio's.
  public static func decodeConfiguration(_ bytes: [UInt8]) -> VisioConfiguration? { decode(bytes) }

  /// Reads the answer of `rooms/{code}/`.
  public static func decodeRoom(_ bytes: [UInt8]) -> Room? { decode(bytes) }

  /// Reads the answer of `rooms/{code}/request-entry/`.
  public static func decodeEntryAnswer(_ bytes: [UInt8]) -> EntryAnswer? { decode(bytes) }

  /// Reads the name in an answer of `rooms/{id}/rename/`, where a release gives one.
  public static func decodeAssignedName(_ bytes: [UInt8]) -> String? {
    struct Answer: Decodable { var name: String? }
    return decode(bytes, as: Answer.self)?.name
  }

  /// Reads what an error's answer says of it, for the log.
  public static func decodeDetail(_ bytes: [UInt8]) -> String? {
    struct Answer: Decodable {
      var text: String?

      private enum CodingKeys: String, CodingKey { case detail, error, message }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        text = container.lenient(.detail) ?? container.lenient(.error) ?? container.lenient(.message)
      }
    }
    return decode(bytes, as: Answer.self)?.text.map { String($0.prefix(200)) }
  }

  private static func decode<Answer: Decodable>(_ bytes: [UInt8], as type: Answer.Type = Answer.self) -> Answer? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }

  /// The lobby's cookie in `response`: our place, which the instance may have renewed.
  private static func lobbyCookie(in response: HTTPResponse) -> String? {
    for field in response.headers where field.name.lowercased() == "set-cookie" {
      guard let pair = field.value.split(separator: ";").first else { continue }
      let parts = pair.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0] == lobbyCookie else { continue }
      let value = String(parts[1])
      if isCookieValue(value) { return value }
    }
    return nil
  }

  /// Whether `value` may stand in a cookie (RFC 6265 §4.1.1); ids are UUIDs.
  private static func isCookieValue(_ value: String) -> Bool {
    (1...128).contains(value.utf8.count)
      && value.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  private func requireSuccess(_ response: HTTPResponse) throws(VisioError) {
    guard (200...299).contains(response.status) else { throw failure(response) }
    try requireJSON(response)
  }

  /// A page in place of JSON: the site of somebody else, or Visio's front end for a path that its API doesn't have.
  private func requireJSON(_ response: HTTPResponse) throws(VisioError) {
    guard isJSON(response) else { throw .notVisio(host: instance.authority) }
  }

  private func isJSON(_ response: HTTPResponse) -> Bool {
    let type = (response.header("Content-Type") ?? "").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    return type == "application/json" || type.hasSuffix("+json")
  }

  private func failure(_ response: HTTPResponse) -> VisioError {
    let host = instance.authority
    switch response.status {
    case 429:
      let wait = response.header("Retry-After").flatMap {
        RetryAfter.duration($0, date: response.header("Date"))
      }
      return .throttled(host: host, retryAfter: wait)
    case 500...:
      return .serverFailed(host: host, status: response.status)
    case 300...399:
      return .redirectRefused(host: host)
    case _ where !isJSON(response):
      return .notVisio(host: host)
    case 404: return .noSuchMeeting
    case 401, 403: return .notAllowed
    case 400: return .rejected(detail: Self.decodeDetail(response.body) ?? "")
    default: return .serverFailed(host: host, status: response.status)
    }
  }
}

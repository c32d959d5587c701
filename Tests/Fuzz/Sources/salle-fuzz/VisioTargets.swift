import HTTPExchange
import Synchronization

@testable import Visio

/// Answers with what the input holds, the last answer again and again, and keeps the URLs that were asked for.
private final class RecordedTransport: HTTPTransport {
  private let state: Mutex<(answers: [HTTPResponse], next: Int, urls: [String])>

  init(_ answers: [HTTPResponse]) {
    state = Mutex((answers, 0, []))
  }

  var urls: [String] { state.withLock { $0.urls } }

  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    let answer = state.withLock { state -> HTTPResponse? in
      state.urls.append(request.url)
      guard let last = state.answers.last else { return nil }
      defer { state.next += 1 }
      return state.next < state.answers.count ? state.answers[state.next] : last
    }
    guard let answer else { throw .unreachable }
    return answer
  }
}

extension HTTPResponse {
  private static let statuses = [
    200, 200, 200, 200, 201, 204, 301, 302, 307, 308, 400, 401, 403, 404, 429, 500, 503, 999, 0, -1,
  ]

  /// A record: a byte that chooses the status, header lines, an empty line, the body.
  fileprivate init(_ record: UnsafeRawBufferPointer) {
    self.init(status: Self.statuses[Int(record.first ?? 0) % Self.statuses.count])
    var rest = record.dropFirst()
    while let end = rest.firstIndex(of: 0x0A) {
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      if line.isEmpty { break }
      let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
      let value = colon < line.endIndex ? line[(colon + 1)...].drop { $0 == 0x20 } : line[line.endIndex...]
      headers.append(HTTPField(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    body = Array(rest)
  }

  fileprivate static func record(_ status: Int, _ headers: [String], _ body: String) -> [UInt8] {
    let head = headers.map { $0 + "\n" }.joined() + "\n"
    return [UInt8(statuses.firstIndex(of: status) ?? 0)] + Array((head + body).utf8)
  }
}

extension FuzzTarget {
  /// What an instance answers to each of the client's calls: records, each an HTTP answer.
  static let visio = FuzzTarget(name: "visio") { bytes in
    var reader = RecordReader(bytes)
    var answers: [HTTPResponse] = []
    while let record = reader.next(), answers.count < 16 { answers.append(HTTPResponse(record)) }
    for answer in answers { decode(answer.body) }
    let isDone = Mutex(false)
    // Nothing in it ever waits: it runs to its end before the next line.
    Task.immediate {
      await callAll(answers)
      isDone.withLock { $0 = true }
    }
    require(isDone.withLock { $0 }, "a call waits")
  } seeds: {
    let json = "Content-Type: application/json"
    let bodies = [configuration, publicRoom, restrictedRoom, entry("accepted"), entry("waiting"), entry("denied")]
    let cookie = "Set-Cookie: lobbyParticipantId=8b1f0d4e-6a53-4c1f-9d27-0f5f7a6a2b11; Path=/; HttpOnly"
    let conversations: [[(Int, [String], String)]] = [
      [(301, ["Location: https://other.example/x"], ""), (200, [json], configuration)],
      [(302, ["Location: /api/v1.0/config/?next"], ""), (307, ["location: http://a.example"], "")],
      [(403, [json], #"{"detail":"Not allowed."}"#), (200, [json], #"{"name":"Salle 2"}"#)],
      [(400, [json], #"{"error":["x"],"message":"y","detail":{"code":1}}"#)],
      [(404, ["Content-Type: text/html; charset=utf-8"], "<!doctype html>")],
      [(429, ["Retry-After: 120", json], "{}")],
      [(429, ["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", "Date: Sun, 06 Nov 1994 08:48:00 GMT"], "")],
      [(503, [], "down")],
    ]
    return bodies.map { RecordReader.join([HTTPResponse.record(200, [json, cookie], $0)]) }
      + conversations.map { RecordReader.join($0.map { HTTPResponse.record($0, $1, $2) }) }
  }

  private static func decode(_ body: [UInt8]) {
    if let configuration = VisioClient.decodeConfiguration(body) {
      let credentials = LiveKitCredentials(url: "", room: "", token: "a")
      checkSocket(credentials.signallingURL(preferring: configuration))
    }
    if let room = VisioClient.decodeRoom(body) {
      require(room.id != nil || room.slug != nil, "a room without a name")
      checkSocket(room.liveKit?.signallingURL(preferring: nil))
    }
    if let answer = VisioClient.decodeEntryAnswer(body) {
      require(answer.liveKit?.token != "", "an empty token")
    }
    _ = VisioClient.decodeAssignedName(body)
    require(VisioClient.decodeDetail(body)?.count ?? 0 <= 200, "a detail too long for the log")
  }

  private static func checkSocket(_ url: String?) {
    guard let url else { return }
    require(url.hasPrefix("wss://") || url.hasPrefix("ws://"), "not a WebSocket: \(url)")
    require(LiveKitCredentials.webSocketURL(url) == url, "reads as something else: \(url)")
  }

  private static func callAll(_ answers: [HTTPResponse]) async {
    guard let instance = VisioInstance("https://visio.example"), let code = try? MeetingCode(typed: "abcdefghij") else {
      return require(false, "the target is wrong")
    }
    let transport = RecordedTransport(answers)
    let client = VisioClient(instance: instance, transport: transport)
    if let (_, instance) = try? await client.configuration() {
      require(instance.usesTLS, "led away from TLS")
    }
    require(transport.urls.count <= VisioClient.maximumRedirects + 1, "redirected without end")
    _ = try? await client.room(code, username: "é")
    let answer = try? await client.requestEntry(code, username: "Salle", participantID: nil)
    var lobby = Lobby()
    _ = lobby.handle(.start, at: .zero)
    if let answer { _ = lobby.handle(.answer(answer), at: .seconds(1)) }
    _ = try? await client.requestEntry(code, username: "Salle", participantID: answer?.participantID)
    _ = try? await client.setHandRaised(true, roomID: "x", token: "a.b.c")
    do throws(VisioError) {
      _ = try await client.rename("Salle", roomID: "x", token: "a.b.c")
    } catch {
      // The pause that a throttled client makes.
      if case .throttled(_, let wait?) = error { require((.zero...RetryAfter.maximum).contains(wait), "\(wait)") }
      _ = lobby.handle(.failure(error), at: .seconds(2))
      _ = error.sentence
    }
    for url in transport.urls { require(url.lowercased().hasPrefix("https://"), "led away from TLS: \(url)") }
  }

  private static let configuration = #"""
    {"LANGUAGE_CODE":"fr-fr","livekit":{"url":"https://lk.example/","default_sources":["camera","microphone"]},
    "resource":{"default_access_level":"public"},"telephony":{"enabled":true,"default_country":"FR",
    "international_phone_number":"+33 1 00 00 00 00"},"recording":{"is_enabled":true},"subtitle":{"enabled":false},
    "diagnostics":{"connection_test_enabled":true},"max_participants_for_sound":5,"auto_mute_on_join_threshold":50}
    """#
  private static let liveKit =
    #"{"url":"https://lk.example/","room":"4f2504e0-4f89-41d3-9a0c-0305e82c3301","token":"a.b.c"}"#
  private static let publicRoom = #"""
    {"id":"4f2504e0-4f89-41d3-9a0c-0305e82c3301","name":"abc-defg-hij","slug":"abc-defg-hij","access_level":"public",
    "configuration":{"can_publish_sources":["microphone"],"everyone_can_mute":false},"pin_code":"0123456789",
    "livekit":\#(liveKit)}
    """#
  private static let restrictedRoom =
    #"{"id":null,"name":"x","slug":"abc-defg-hij","access_level":"restricted","configuration":{}}"#
  private static func entry(_ status: String) -> String {
    #"{"id":"8b1f0d4e-6a53-4c1f-9d27-0f5f7a6a2b11","username":"Salle","color":"hsl(1, 50%, 40%)","status":"\#(status)","#
      + #""livekit":\#(status == "accepted" ? liveKit : "null")}"#
  }

  /// What people type, paste and scan: the link that it is read as leads to the same meeting again.
  static let meetingLink = FuzzTarget(name: "meeting-link") { bytes in
    let typed = String(decoding: bytes, as: UTF8.self)
    guard let home = VisioInstance("https://visio.example") else { return require(false, "the target is wrong") }
    guard let link = try? MeetingLink(typed: typed, defaultInstance: home) else { return }
    require(link.url.utf8.allSatisfy { (0x21..<0x7F).contains($0) }, "no URL: \(link.url)")
    guard let again = try? MeetingLink(typed: link.url, defaultInstance: link.instance) else {
      return require(link.url.utf8.count > MeetingLink.maximumLength, "its own link isn't read: \(link.url)")
    }
    require(again.code == link.code && again.instance == link.instance, "leads elsewhere: \(link.url)")
  } seeds: {
    [
      "abc-defg-hij", "ABCDEFGHIJ", " abc defg\u{2011}hij\n", "https://visio.numerique.gouv.fr/abc-defg-hij",
      "visio.example:8443/r%C3%A9union?x=1#secret", "http://localhost:3000/abc-defg-hij/", "http://[::1]:80/a",
      "http://127.0.0.1/4f2504e0-4f89-41d3-9a0c-0305e82c3301", "/abc-defg-hij", "réunion d'équipe", "https://a.b/api",
    ].map { Array($0.utf8) }
  }
}

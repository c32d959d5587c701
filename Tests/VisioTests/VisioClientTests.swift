import Catalogue
import HTTPExchange
import Testing

@testable import Visio

@Suite("The client of Visio's API")
struct VisioClientTests {
  private let code: MeetingCode
  private let instance: VisioInstance

  init() throws {
    code = try MeetingCode(typed: "abc-defg-hij")
    instance = try #require(VisioInstance("https://visio.example"))
  }

  private func client(_ transport: ScriptedTransport) -> VisioClient {
    VisioClient(instance: instance, transport: transport)
  }

  @Test("the configuration is read")
  func configuration() async throws {
    let transport = ScriptedTransport(.json(Answers.configuration))
    let (configuration, origin) = try await client(transport).configuration()
    #expect(transport.requests.map(\.url) == ["https://visio.example/api/v1.0/config/"])
    #expect(origin == instance)
    #expect(configuration.languageCode == "fr-fr")
    #expect(configuration.liveKit?.url == "https://lk.example/")
    #expect(configuration.liveKit?.defaultSources == ["camera", "microphone", "screen_share"])
    #expect(configuration.defaultAccessLevel == .public)
    #expect(configuration.telephony?.internationalPhoneNumber == "+33 1 00 00 00 00")
    #expect(configuration.isRecordingEnabled == true)
    #expect(configuration.isSubtitleEnabled == false)
    #expect(configuration.isConnectionTestEnabled == true)
    #expect(configuration.maximumParticipantsForSound == 5)
    #expect(configuration.autoMuteOnJoinThreshold == 50)
  }

  @Test("fields of a configuration may be missing or of another type")
  func lenientConfiguration() throws {
    let text = #"{"LANGUAGE_CODE":7,"livekit":{"default_sources":"camera"},"telephony":[],"recording":null}"#
    let configuration = try #require(VisioClient.decodeConfiguration(Array(text.utf8)))
    #expect(configuration.languageCode == nil)
    #expect(configuration.liveKit == .init())
    #expect(configuration.telephony == nil)
  }

  @Test("a public room lets us in at once, under our name")
  func publicRoom() async throws {
    let transport = ScriptedTransport(.json(Answers.publicRoom))
    let room = try await client(transport).room(code, username: "Salle Rivoli & Cie")
    #expect(
      transport.requests.map(\.url) == [
        "https://visio.example/api/v1.0/rooms/abc-defg-hij/?username=Salle%20Rivoli%20%26%20Cie"
      ])
    #expect(room.isRegistered && !room.requiresAdmission)
    #expect(room.accessLevel == .public)
    #expect(room.publishableSources == ["microphone"])
    #expect(room.everyoneCanMute == false)
    #expect(room.pinCode == "0123456789")
    #expect(room.liveKit?.room == "4f2504e0-4f89-41d3-9a0c-0305e82c3301")
    #expect(room.liveKit?.token == "a.b.c")
  }

  @Test("a restricted room has no way in without admission")
  func restrictedRoom() async throws {
    let room = try await client(ScriptedTransport(.json(Answers.restrictedRoom))).room(code)
    #expect(room.isRegistered && room.requiresAdmission)
    #expect(room.accessLevel == .restricted)
    #expect(room.publishableSources == nil)
  }

  @Test("an unregistered room has no id, and its LiveKit room is the code")
  func unregisteredRoom() async throws {
    let room = try await client(ScriptedTransport(.json(Answers.unregisteredRoom))).room(code)
    #expect(!room.isRegistered && !room.requiresAdmission)
    #expect(room.liveKit?.room == "abc-defg-hij")
  }

  @Test("the place in the lobby goes into cookie and body, and comes back from the cookie first")
  func entry() async throws {
    let renewed = "11111111-2222-4333-8444-555555555555"
    let transport = ScriptedTransport(
      .json(
        Answers.entry("waiting"),
        headers: [
          HTTPField("Set-Cookie", "csrftoken=x; Path=/"),
          HTTPField("set-cookie", "lobbyParticipantId=\(renewed); HttpOnly; Path=/; SameSite=Lax; Secure"),
        ]))
    let answer = try await client(transport).requestEntry(code, username: "Salle", participantID: Answers.place)
    #expect(answer.status == .waiting)
    #expect(answer.participantID == renewed)
    let request = try #require(transport.requests.first)
    #expect(request.method == .post)
    #expect(request.url == "https://visio.example/api/v1.0/rooms/abc-defg-hij/request-entry/")
    #expect(request.header("Cookie") == "lobbyParticipantId=\(Answers.place)")
    #expect(request.header("Content-Type") == "application/json")
    #expect(request.header("User-Agent") == "Salle")
    let body = String(decoding: request.body, as: UTF8.self)
    #expect(body.contains(#""participant_id":"\#(Answers.place)""#))
    #expect(body.contains(#""username":"Salle""#))
  }

  @Test("the first request has no place, and a place that isn't one is never sent back")
  func firstEntry() async throws {
    let transport = ScriptedTransport(.json(Answers.entry("waiting")))
    let answer = try await client(transport).requestEntry(code, username: "Salle", participantID: nil)
    #expect(answer.participantID == Answers.place)
    _ = try await client(transport).requestEntry(code, username: "Salle", participantID: "x\r\nHost: evil")
    for request in transport.requests {
      #expect(request.header("Cookie") == nil)
      #expect(!String(decoding: request.body, as: UTF8.self).contains("participant_id"))
    }
  }

  @Test("hand and name go with our token, in the later form when the first is refused")
  func asParticipant() async throws {
    let transport = ScriptedTransport(
      .json(#"{"status":"success"}"#), .json(#"{"detail":"no"}"#, status: 403),
      .json(#"{"status":"success","name":"Salle (2)"}"#))
    try await client(transport).setHandRaised(true, roomID: "4f25", token: "a.b.c")
    let name = try await client(transport).rename("Salle", roomID: "4f25", token: "a.b.c")
    #expect(name == "Salle (2)")
    let requests = transport.requests
    #expect(requests.map { $0.header("Authorization") } == ["Bearer a.b.c", "Bearer a.b.c", "X-LiveKit-Token a.b.c"])
    #expect(requests[0].url == "https://visio.example/api/v1.0/rooms/4f25/toggle-hand/")
    #expect(String(decoding: requests[0].body, as: UTF8.self) == #"{"raised":true}"#)
    #expect(requests[2].url == "https://visio.example/api/v1.0/rooms/4f25/rename/")
    #expect(String(decoding: requests[2].body, as: UTF8.self) == #"{"name":"Salle"}"#)
  }

  @Test("a token that is refused in both forms is not allowed, and isn't tried a third time")
  func notAllowed() async {
    let transport = ScriptedTransport(.json("{}", status: 403))
    await #expect(throws: VisioError.notAllowed) {
      try await client(transport).setHandRaised(true, roomID: "x", token: "t")
    }
    #expect(transport.requests.count == 2)
  }

  @Test("who isn't in the meeting any more is not allowed to act in it: the meeting itself exists")
  func notInMeeting() async {
    let transport = ScriptedTransport(.json(#"{"error":"Participant not found"}"#, status: 404))
    await #expect(throws: VisioError.notAllowed) {
      try await client(transport).setHandRaised(true, roomID: "x", token: "t")
    }
    await #expect(throws: VisioError.notAllowed) {
      _ = try await client(transport).rename("Salle", roomID: "x", token: "t")
    }
  }

  @Test("reading follows redirects, and says where they led")
  func redirects() async throws {
    let transport = ScriptedTransport(
      .redirect("/api/v1.0/config"), .redirect("https://new.example/api/v1.0/config/", status: 308),
      .json(Answers.configuration))
    let (_, origin) = try await client(transport).configuration()
    #expect(
      transport.requests.map(\.url) == [
        "https://visio.example/api/v1.0/config/", "https://visio.example/api/v1.0/config",
        "https://new.example/api/v1.0/config/",
      ])
    #expect(origin.origin == "https://new.example")
  }

  @Test(
    "redirects to plain HTTP, to elsewhere than the web, and without end are refused",
    arguments: ["http://visio.example/api/v1.0/config/", "file:///etc/passwd", "//", "/api/v1.0/config/"])
  func refusedRedirects(location: String) async {
    let transport = ScriptedTransport(.redirect(location))
    await #expect(throws: VisioError.redirectRefused(host: "visio.example")) {
      try await client(transport).configuration()
    }
    #expect(transport.requests.count <= VisioClient.maximumRedirects + 1)
  }

  @Test("acting is never redirected", arguments: [301, 302, 303, 307, 308])
  func noReplay(status: Int) async {
    let transport = ScriptedTransport(.redirect("https://new.example/", status: status))
    await #expect(throws: VisioError.redirectRefused(host: "visio.example")) {
      try await client(transport).requestEntry(code, username: "Salle", participantID: nil)
    }
    #expect(transport.requests.count == 1)
  }

  @Test(
    "each failure of a room's request has its own error",
    arguments: [
      (.html(200), .notVisio(host: "visio.example")), (.html(404), .notVisio(host: "visio.example")),
      (.json(#"{"detail":"No Room matches the given query."}"#, status: 404), .noSuchMeeting),
      (.json(#"{"username":["…"]}"#, status: 400), .rejected(detail: "")),
      (.json(#"{"detail":"bad"}"#, status: 400), .rejected(detail: "bad")),
      (.html(502), .serverFailed(host: "visio.example", status: 502)),
      (.json("{}", status: 500), .serverFailed(host: "visio.example", status: 500)),
      (.json("{}", status: 401), .notAllowed),
      (.json("{}", status: 418), .serverFailed(host: "visio.example", status: 418)),
      (.json("{}"), .unreadableAnswer(host: "visio.example")), (.json("["), .unreadableAnswer(host: "visio.example")),
      (.json(#"{"id":"x","livekit":{"url":"u"}}"#), .unreadableAnswer(host: "visio.example")),
      (.html(429), .throttled(host: "visio.example", retryAfter: nil)),
      (
        .json("{}", status: 429, headers: [HTTPField("Retry-After", "17")]),
        .throttled(host: "visio.example", retryAfter: .seconds(17))
      ),
      (
        .json(
          "{}", status: 429,
          headers: [
            HTTPField("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"),
            HTTPField("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
          ]), .throttled(host: "visio.example", retryAfter: .seconds(30))
      ),
      (.failure(.nameNotResolved), .instanceNotFound(host: "visio.example")),
      (.failure(.unreachable), .instanceUnreachable(host: "visio.example")),
      (.failure(.timedOut), .timedOut(host: "visio.example")),
      (.failure(.untrustedCertificate), .untrustedCertificate(host: "visio.example")),
      (.failure(.tlsFailed), .tlsFailed(host: "visio.example")),
      (.failure(.responseTooLong), .unreadableAnswer(host: "visio.example")),
      (.failure(.cancelled), .cancelled),
    ] as [(ScriptedTransport.Answer, VisioError)])
  func failures(answer: ScriptedTransport.Answer, error: VisioError) async {
    await #expect(throws: error) { try await client(ScriptedTransport(answer)).room(code) }
    #expect(error.sentence[.french] != error.sentence[.english])
  }

  @Test(
    "a host whose configuration isn't Visio's isn't Visio",
    arguments: [.html(200), .html(404), .json("{}", status: 404), .json("{}"), .json("[]"), .json(#"{"status":"ok"}"#)]
      as [ScriptedTransport.Answer])
  func notVisio(answer: ScriptedTransport.Answer) async {
    await #expect(throws: VisioError.notVisio(host: "visio.example")) {
      try await client(ScriptedTransport(answer)).configuration()
    }
  }

  @Test(
    "the wait that a server asks for is read, and bounded",
    arguments: [
      ("0", nil, .zero), ("120", nil, .seconds(120)), ("99999999", nil, RetryAfter.maximum),
      ("99999999999999999999", nil, nil), ("-1", nil, nil), ("", nil, nil), ("1.5", nil, nil),
      ("Thu, 29 Feb 2024 00:00:10 GMT", "Wed, 28 Feb 2024 23:59:55 GMT", .seconds(15)),
      ("Fri, 01 Mar 2024 00:00:00 GMT", "Thu, 29 Feb 2024 23:59:00 GMT", .seconds(60)),
      ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT", .zero),
      ("Sun, 06 Nov 1994 08:49:37 GMT", nil, nil), ("Sun, 06 Foo 1994 08:49:37 GMT", "x", nil),
    ] as [(String, String?, Duration?)])
  func retryAfter(value: String, date: String?, expected: Duration?) {
    #expect(RetryAfter.duration(value, date: date) == expected)
  }

  @Test("the date of RFC 9110's example is the second that it is")
  func date() {
    #expect(RetryAfter.seconds(ofDate: "Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
  }
}

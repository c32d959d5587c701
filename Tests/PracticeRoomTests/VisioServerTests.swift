import Foundation
import PracticeRoom
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The HTTP side of the practice room, asked as a client asks.
@Suite("The practice room's Visio API", .timeLimit(.minutes(1)))
struct VisioServerTests {
  private struct Answer {
    var status: Int
    var type: String
    var cookie: String?
    var retryAfter: String?
    var location: String?
    var text: String
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]) ?? [:] }
    var access: [String: Any]? { json["livekit"] as? [String: Any] }
  }

  /// Doesn't follow redirects.
  private final class Unmoved: NSObject, URLSessionTaskDelegate {
    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) { completionHandler(nil) }
  }

  private func call(
    _ method: String, _ url: String, body: String? = nil, cookie: String? = nil, authorization: String? = nil
  ) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = method
    request.httpBody = body.map { Data($0.utf8) }
    request.httpShouldHandleCookies = false
    if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
    if let cookie { request.setValue("lobbyParticipantId=\(cookie)", forHTTPHeaderField: "Cookie") }
    if let authorization { request.setValue(authorization, forHTTPHeaderField: "Authorization") }
    let session = URLSession(configuration: .ephemeral, delegate: Unmoved(), delegateQueue: nil)
    defer { session.invalidateAndCancel() }
    let (data, response) = try await session.data(for: request)
    let http = try #require(response as? HTTPURLResponse)
    return Answer(
      status: http.statusCode, type: http.value(forHTTPHeaderField: "Content-Type") ?? "",
      cookie: http.value(forHTTPHeaderField: "Set-Cookie"), retryAfter: http.value(forHTTPHeaderField: "Retry-After"),
      location: http.value(forHTTPHeaderField: "Location"), text: String(decoding: data, as: UTF8.self))
  }

  private func withRoom(
    _ change: (inout PracticeRoomOptions) -> Void = { _ in }, _ body: (PracticeRoom, String) async throws -> Void
  ) async throws {
    var options = PracticeRoomOptions()
    options.participants = []
    change(&options)
    let room = try await PracticeRoom.start(options)
    do {
      try await body(room, "\(room.url)/api/v1.0")
    } catch {
      await room.stop()
      throw error
    }
    await room.stop()
  }

  @Test("configuration and a public room: a token at once, a new identity each time")
  func publicRoom() async throws {
    try await withRoom { room, api in
      let config = try await call("GET", "\(api)/config/")
      #expect(config.status == 200)
      #expect(config.access?["url"] as? String == room.mediaURL)
      let answer = try await call("GET", "\(api)/rooms/\(room.code)/?username=Salle%20Rivoli")
      #expect(answer.json["access_level"] as? String == "public")
      #expect(answer.access?["room"] as? String == answer.json["id"] as? String)
      #expect(answer.json.keys.contains("pin_code"))
      let other = try await call("GET", "\(api)/rooms/\(answer.json["id"] as? String ?? "")/")
      #expect(other.access?["token"] as? String != answer.access?["token"] as? String)
      #expect(try await call("GET", "\(api)/rooms/abc-defg-hij/").status == 404)
      #expect(try await call("GET", "\(room.url)/unknown").type == "text/html")
      let unslashed = try await call("GET", "\(api)/config")
      #expect(unslashed.status == 301 && unslashed.location == "/api/v1.0/config/")
    }
  }

  @Test("the lobby: waiting by cookie or by participant_id, then let in with that identity")
  func lobby() async throws {
    try await withRoom { options in
      options.accessLevel = .restricted
    } _: { room, api in
      let closed = try await call("GET", "\(api)/rooms/\(room.code)/")
      #expect(closed.status == 200 && !closed.json.keys.contains("livekit"))
      let url = "\(api)/rooms/\(room.code)/request-entry/"
      let first = try await call("POST", url, body: #"{"username":"Salle"}"#)
      #expect(first.json["status"] as? String == "waiting")
      #expect(first.json["livekit"] is NSNull)
      let id = try #require(first.json["id"] as? String)
      #expect(first.cookie?.hasPrefix("lobbyParticipantId=\(id);") == true)
      #expect(await room.waiting().map(\.id) == [id])
      let second = try await call("POST", url, body: #"{"username":"Salle","participant_id":"\#(id)"}"#)
      #expect(second.json["id"] as? String == id)
      #expect(await room.decide(id, allow: true))
      let third = try await call("POST", url, body: #"{"username":"Salle"}"#, cookie: id)
      #expect(third.json["status"] as? String == "accepted")
      #expect(third.access?["token"] is String)
      #expect(try await call("POST", url, body: #"{"username":"  "}"#).status == 400)
      #expect(try await call("POST", url, body: "nonsense").status == 400)
    }
  }

  @Test("scripted: refused after two polls, every fault of an instance")
  func faults() async throws {
    try await withRoom { options in
      options.accessLevel = .trusted
      options.lobbyPolicy = .deny(afterPolls: 2)
    } _: { room, api in
      let url = "\(api)/rooms/\(room.code)/request-entry/"
      let first = try await call("POST", url, body: #"{"username":"Salle"}"#)
      let id = try #require(first.json["id"] as? String)
      let second = try await call("POST", url, body: #"{"username":"Salle"}"#, cookie: id)
      #expect(second.json["status"] as? String == "denied")
      room.setBehaviour(.throttled(retryAfter: 7))
      let throttled = try await call("POST", url, body: #"{"username":"Salle"}"#)
      #expect(throttled.status == 429 && throttled.retryAfter == "7")
      room.setBehaviour(.failing)
      #expect(try await call("GET", "\(api)/config/").status == 500)
      room.setBehaviour(.foreign)
      let foreign = try await call("GET", "\(api)/config/")
      #expect(foreign.status == 200 && foreign.type == "text/html")
      room.setBehaviour(.redirecting(to: "http://127.0.0.1:9"))
      let moved = try await call("GET", "\(api)/config/")
      #expect(moved.status == 301 && moved.location == "http://127.0.0.1:9/api/v1.0/config/")
    }
  }

  @Test("a hand needs a token of this room, in either form, and a participant who is there")
  func hands() async throws {
    try await withRoom { options in
      options.participants = [.sacha]
    } _: { room, api in
      let url = "\(api)/rooms/\(room.code)/toggle-hand/"
      let body = #"{"raised":true}"#
      #expect(try await call("POST", url, body: body).status == 403)
      #expect(try await call("POST", url, body: body, authorization: "Bearer nonsense").status == 403)
      let entry = try await call("POST", "\(api)/rooms/\(room.code)/request-entry/", body: #"{"username":"Salle"}"#)
      let token = try #require(entry.access?["token"] as? String)
      // The token is good, its holder isn't in the meeting.
      #expect(try await call("POST", url, body: body, authorization: "Bearer \(token)").status == 404)
      #expect(try await call("POST", url, body: body, authorization: "X-LiveKit-Token \(token)").status == 404)
    }
  }

  @Test("the media server refuses before the upgrade: no token, a wrong one, another path")
  func refusals() async throws {
    try await withRoom { room, api in
      let media = room.mediaURL
      #expect(try await call("GET", "\(media)rtc/validate").status == 401)
      #expect(try await call("GET", "\(media)rtc/validate", authorization: "Bearer x.y.z").status == 401)
      let entry = try await call("GET", "\(api)/rooms/\(room.code)/")
      let token = try #require(entry.access?["token"] as? String)
      let valid = try await call("GET", "\(media)rtc/validate", authorization: "Bearer \(token)")
      #expect(valid.status == 200 && valid.text == "success")
      #expect(try await call("GET", "\(media)/rtc/validate?access_token=\(token)").status == 200)
      #expect(try await call("GET", "\(media)rtc", authorization: "Bearer \(token)").status == 404)
      #expect(try await call("GET", "\(media)rtc/v1", authorization: "Bearer \(token)").status == 400)
    }
  }

  @Test("a port that is taken is said to be, and nothing is left running")
  func takenPort() async throws {
    try await withRoom { room, _ in
      let port = try #require(URL(string: room.url)?.port)
      var options = PracticeRoomOptions()
      options.participants = []
      options.port = port
      await #expect(throws: PracticeRoomError.self) { try await PracticeRoom.start(options) }
    }
  }
}

import Control
import ControlServer
import Foundation
import NIOCore
import Synchronization
import Testing

@Suite("HTTPS")
struct HTTPSServerTests {
  /// An answer.
  private struct Answer {
    let status: Int
    let head: String
    let body: String
  }

  private static func basic(_ name: String) -> String {
    "Authorization: Basic \(Data("\(name):secret".utf8).base64EncodedString())\r\n"
  }

  /// Sends a request and reads its answer.
  private func ask(
    _ client: TLSClient, _ line: String, host: String = "localhost", as name: String? = "admin", headers: String = "",
    body: String = ""
  ) async throws -> Answer {
    let authorization = name.map(Self.basic) ?? ""
    let length = body.isEmpty ? "" : "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
    client.send("\(line) HTTP/1.1\r\nHost: \(host)\r\n\(authorization)\(headers)\(length)\r\n\(body)")
    let head = try await client.read(until: "\r\n\r\n")
    let length_ = head.firstMatch(of: /[Cc]ontent-[Ll]ength: (\d+)/).flatMap { Int($0.1) } ?? 0
    return Answer(
      status: Int(head.dropFirst(9).prefix(3)) ?? 0, head: head,
      body: length_ > 0 ? try await client.read(count: length_) : "")
  }

  @Test("values, tags and commands, on one connection")
  func rest() async throws {
    try await ServerHarness.with { server in
      let client = try await server.connect(to: server.ports.https)
      let volume = try await ask(client, "GET /api/status/Audio/Volume")
      #expect(volume.status == 200 && volume.body == "50")
      #expect(volume.head.contains("X-Content-Type-Options: nosniff\r\n"))
      let tag = try #require(volume.head.firstMatch(of: /ETag: (".+")\r\n/)?.1)
      let same = try await ask(client, "GET /api/status/Audio/Volume", headers: "If-None-Match: \(tag)\r\n")
      #expect(same.status == 304)
      let set = try await ask(client, "POST /api/command/Audio/Volume/Set", body: "{\"Level\":30}")
      #expect(set.status == 204)
      #expect(try await ask(client, "GET /api/status/Audio/Volume").body == "30")
      let put = try await ask(client, "PUT /api/configuration/Audio/DefaultVolume", as: "user", body: "30")
      #expect(put.status == 403 && put.body.contains("Permission denied"))
      #expect(try await ask(client, "GET /api/openapi.json").body.hasPrefix("{\"openapi\":\"3.1.0\""))
    }
  }

  @Test("strangers, other hosts and other sites' pages are refused")
  func refusals() async throws {
    try await ServerHarness.with { server in
      func ask(
        _ line: String, host: String = "localhost", as name: String? = "admin", headers: String = "", body: String = ""
      ) async throws -> Answer {
        let client = try await server.connect(to: server.ports.https)
        return try await self.ask(client, line, host: host, as: name, headers: headers, body: body)
      }
      let stranger = try await ask("GET /api/status", as: nil)
      #expect(stranger.status == 401 && stranger.head.contains("WWW-Authenticate: Basic realm=\"Salle\""))
      #expect(try await ask("GET /api/status", as: "nobody").status == 401)
      #expect(try await ask("GET /api/status", host: "salle.example:8443").status == 200)
      #expect(try await ask("GET /api/status", host: "127.0.0.1").status == 200)
      #expect(try await ask("GET /api/status", host: "evil.example").status == 421)
      let mute = "POST /api/command/Audio/Volume/Set"
      let level = "{\"Level\":1}"
      #expect(try await ask(mute, headers: "Origin: https://localhost\r\n", body: level).status == 204)
      #expect(try await ask(mute, headers: "Origin: https://evil.example\r\n", body: level).status == 403)
      #expect(try await ask(mute, headers: "Origin: null\r\n", body: level).status == 403)
      #expect(try await ask(mute, headers: "Sec-Fetch-Site: cross-site\r\n", body: level).status == 403)
      #expect(try await ask("OPTIONS /api/status").status == 405)
      #expect(try await ask(mute, headers: "Content-Length: 99999999\r\n").status == 413)
    }
  }

  @Test("events are streamed: first how things stand, then changes")
  func events() async throws {
    try await ServerHarness.with { server in
      let client = try await server.connect(to: server.ports.https)
      client.send(
        "GET /api/events?query=/Status/Audio/Volume HTTP/1.1\r\nHost: localhost\r\n\(Self.basic("user"))\r\n")
      #expect(try await client.read(until: "\r\n\r\n").contains("Content-Type: text/event-stream\r\n"))
      _ = try await client.read(until: "event: snapshot\ndata: {\"Status\":{\"Audio\":{\"Volume\":50}}}\n\n")
      let began = ContinuousClock.now
      let path = try #require(ControlPath("Audio Volume"))
      try await server.center.update([(path, .integer(9))])
      _ = try await client.read(until: "event: change\ndata: {\"Status\":{\"Audio\":{\"Volume\":9}}}\n\n")
      print("change streamed after \(ContinuousClock.now - began)")
      client.close()
      try await client.channel.closeFuture.get()
      let refused = try await server.connect(to: server.ports.https)
      #expect(try await ask(refused, "GET /api/events?query=/Nothing").status == 404)
      while await server.center.sessionCount > 0 { await Task.yield() }
    }
  }

  @Test("bodies that are too long, half requests and garbage end only their own connection")
  func garbage() async throws {
    try await ServerHarness.with { server in
      let long = try await server.connect(to: server.ports.https)
      long.send(
        "POST /api/command/Bookings/Put HTTP/1.1\r\nHost: localhost\r\n\(Self.basic("admin"))"
          + "Transfer-Encoding: chunked\r\n\r\n")
      let chunk = "100000\r\n" + String(repeating: "x", count: 1_048_576) + "\r\n"
      for _ in 0..<10 { long.send(chunk) }
      #expect(try await long.read(until: "\r\n").contains("413"))
      let garbage = try await server.connect(to: server.ports.https)
      garbage.send((0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 167) })
      #expect(try await garbage.readToEnd().hasPrefix("HTTP/1.1 400"))
      let half = try await server.connect(to: server.ports.https)
      half.send("GET /api/status HTTP/1.1\r\nHost: loc")
      half.close()
      let client = try await server.connect(to: server.ports.https)
      #expect(try await ask(client, "GET /api/status/Audio/Volume").body == "50")
    }
  }

  @Test("who signs in on a page is known by the cookie until signing out, and pages are there for everybody")
  func pages() async throws {
    try await ServerHarness.with { server in
      let client = try await server.connect(to: server.ports.https)
      let page = try await ask(client, "GET /panel/page.js", as: nil)
      #expect(
        page.status == 200 && page.body == "let a" && page.head.contains("Content-Security-Policy: default-src 'self'"))
      #expect(try await ask(client, "GET /api/session", as: nil).status == 401)
      let wrong = try await ask(client, "POST /api/session", as: nil, body: #"{"name":"panel","password":"x"}"#)
      #expect(wrong.status == 401 && !wrong.head.contains("WWW-Authenticate"))
      let right = try await ask(client, "POST /api/session", as: nil, body: #"{"name":"panel","password":"secret"}"#)
      let cookie = try #require(
        right.head.firstMatch(
          of: /Set-Cookie: (__Host-salle=[0-9a-f]{64}); Path=\/; Secure; HttpOnly; SameSite=Strict\r\n/)?.1)
      let headers = "Cookie: other=1; \(cookie)\r\n"
      let session = try await ask(client, "GET /api/session", as: nil, headers: headers)
      #expect(session.status == 200 && session.body == #"{"role":"Integrator"}"#)
      #expect(try await ask(client, "GET /api/status/Audio/Volume", as: nil, headers: headers).body == "50")
      #expect(try await status(server, headers + "Origin: https://localhost\r\n") == 101)
      #expect(try await status(server, headers + "Origin: https://evil.example\r\n") == 403)
      #expect(try await ask(client, "DELETE /api/session", as: nil, headers: headers).status == 204)
      #expect(try await ask(client, "GET /api/session", as: nil, headers: headers).status == 401)
    }
  }

  @Test("the first password is set by what the screen shows, and a panel paired")
  func entrance() async throws {
    let isNew = Mutex(true)
    let entrance = WebEntrance(
      pair: { token in token == "shown" ? .user : nil }, needsSetup: { isNew.withLock { $0 } },
      setUp: { code, pin in
        guard isNew.withLock({ $0 }) else { return .over }
        if pin.count < 4 { return .refused }
        if code == "000000" { return .later }
        guard code == "123456" else { return .wrongCode }
        isNew.withLock { $0 = false }
        return .set(.admin)
      })
    try await ServerHarness.with(entrance: entrance) { server in
      let client = try await server.connect(to: server.ports.https)
      func setUp(_ code: String, _ pin: String) async throws -> Int {
        try await ask(client, "POST /api/setup", as: nil, body: #"{"code":"\#(code)","password":"\#(pin)"}"#).status
      }
      #expect(try await ask(client, "GET /api/setup", as: nil).body == #"{"needed":true}"#)
      #expect(try await setUp("1", "24680") == 403)
      #expect(try await setUp("000000", "24680") == 429)
      #expect(try await setUp("123456", "1") == 422)
      #expect(try await ask(client, "POST /api/setup", as: nil, body: "[]").status == 400)
      #expect(try await ask(client, "DELETE /api/setup", as: nil).status == 405)
      let right = try await ask(
        client, "POST /api/setup", as: nil, body: #"{"code":"123456","password":"24680"}"#)
      #expect(right.status == 200 && right.body == #"{"role":"Admin"}"# && right.head.contains("__Host-salle="))
      #expect(try await setUp("123456", "24680") == 409)
      #expect(try await ask(client, "GET /api/setup", as: nil).body == #"{"needed":false}"#)
      let paired = try await ask(client, "POST /api/session", as: nil, body: #"{"pairing":"shown"}"#)
      #expect(paired.status == 200 && paired.body == #"{"role":"User"}"# && paired.head.contains("__Host-salle="))
      #expect(try await ask(client, "POST /api/session", as: nil, body: #"{"pairing":"guessed"}"#).status == 401)
    }
  }

  // MARK: WebSocket

  /// A text message as a client sends it (RFC 6455 section 5.2).
  private static func frame(_ text: String, opcode: UInt8 = 1, isLast: Bool = true) -> [UInt8] {
    let payload = Array(text.utf8)
    var frame: [UInt8] = [(isLast ? 0x80 : 0) | opcode]
    switch payload.count {
    case ..<126: frame.append(0x80 | UInt8(payload.count))
    default: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    }
    let mask: [UInt8] = [1, 2, 3, 4]
    return frame + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
  }

  private func open(_ server: ServerHarness, _ headers: String) async throws -> (client: TLSClient, head: String) {
    let client = try await server.connect(to: server.ports.https)
    client.send(
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\(headers)"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    return (client, try await client.read(until: "\r\n\r\n"))
  }

  private func status(_ server: ServerHarness, _ headers: String) async throws -> Int? {
    Int(try await open(server, headers).head.dropFirst(9).prefix(3))
  }

  @Test("JSON-RPC over WebSocket: signed in by subprotocol, requests, feedback, fragments, pings, goodbye")
  func webSocket() async throws {
    try await ServerHarness.with { server in
      let token = "auth-" + Data("admin:secret".utf8).base64EncodedString().replacing("=", with: "")
      let (client, head) = try await open(server, "Sec-WebSocket-Protocol: \(token)\r\n")
      #expect(head.hasPrefix("HTTP/1.1 101") && head.contains("Sec-WebSocket-Protocol: \(token)\r\n"))
      #expect(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
      client.send(
        Self.frame(#"{"jsonrpc":"2.0","id":1,"method":"xFeedback/Subscribe","params":{"Query":["Status","Audio"]}}"#))
      _ = try await client.read(until: #"{"jsonrpc":"2.0","id":1,"result":{"Id":1}}"#)
      client.send(Self.frame(#"{"jsonrpc":"2.0","id":2,"method":"xCommand/Audio"#, isLast: false))
      client.send(Self.frame("hello", opcode: 9))
      client.send(Self.frame(#"/Volume/Set","params":{"Level":20}}"#, opcode: 0))
      _ = try await client.read(until: "hello")
      _ = try await client.read(
        until: #""method":"xFeedback/Event","params":{"Id":1,"Status":{"Audio":{"Volume":20}}}}"#)
      _ = try await client.read(until: #"{"jsonrpc":"2.0","id":2,"result":{"status":"OK"}}"#)
      client.send(Self.frame("", opcode: 8))
      _ = try await client.readToEnd()
      while await server.center.sessionCount > 0 { await Task.yield() }
    }
  }

  @Test("WebSockets of strangers, of other sites' pages and elsewhere aren't opened")
  func webSocketRefusals() async throws {
    try await ServerHarness.with { server in
      let basic = Self.basic("admin")
      let statuses = [
        try await status(server, ""), try await status(server, "Sec-WebSocket-Protocol: auth-bm86bm8\r\n"),
        try await status(server, basic + "Origin: https://evil.example\r\n"),
        try await status(server, basic + "Origin: https://localhost\r\n"), try await status(server, basic),
      ]
      #expect(statuses == [401, 403, 403, 101, 101])
    }
  }
}

import LiveKitMessages
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import SwiftProtobuf
import Testing

@testable import LiveKit

@Suite("The signalling connection")
struct SignalConnectionTests {
  private static let pong = WebSocketFrame.response(.with { $0.pong = 42 })

  private static func endpoint(_ url: String) throws -> SignalEndpoint {
    try SignalEndpoint(ConnectOptions(url: url, token: "the.token", client: ClientDescription(version: "1.2.3")))
  }

  private static func open(
    _ server: SignalServer, timeouts: SignalConnection.Timeouts = SignalConnection.Timeouts()
  ) async throws(SignalConnectionError) -> SignalConnection {
    let endpoint: SignalEndpoint
    do {
      endpoint = try Self.endpoint("ws://127.0.0.1:\(server.port)")
    } catch {
      throw .invalidURL("\(error)")
    }
    return try await SignalConnection.open(
      endpoint, timeouts: timeouts, on: MultiThreadedEventLoopGroup.singleton.next())
  }

  /// Opens a connection to a server that sends `frames`, and says how the connection ends and what came before.
  private static func receive(
    _ frames: [WebSocketFrame], timeouts: SignalConnection.Timeouts = SignalConnection.Timeouts()
  ) async throws -> (responses: [LKSignalResponse], malformed: Int, end: SignalConnectionError) {
    let server = try await SignalServer.start(.webSocket(frames, script: { _ in [] }))
    let connection = try await open(server, timeouts: timeouts)
    let (results, sink) = AsyncStream<Result<LKSignalResponse, MessageDecodingError>>.makeStream()
    var end = SignalConnectionError.notWebSocket
    do {
      try await connection.receive { sink.yield($0) }
    } catch {
      end = error
    }
    sink.finish()
    var responses: [LKSignalResponse] = []
    var malformed = 0
    for await result in results {
      switch result {
      case .success(let response): responses.append(response)
      case .failure: malformed += 1
      }
    }
    try await server.stop()
    return (responses, malformed, end)
  }

  private static func close(_ code: WebSocketErrorCode = .normalClosure) -> WebSocketFrame {
    var data = ByteBuffer()
    data.write(webSocketErrorCode: code)
    return WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
  }

  @Test("the upgrade carries the token in its header and says honestly who we are")
  func request() async throws {
    let server = try await SignalServer.start(.webSocket([Self.pong], script: { _ in [] }))
    let connection = try await Self.open(server)
    var requests = server.requests.makeAsyncIterator()
    let head = try #require(await requests.next())
    #expect(head.headers["Authorization"] == ["Bearer the.token"])
    #expect(head.headers["User-Agent"] == ["Salle/1.2.3"])
    #expect(head.headers["Host"] == ["127.0.0.1:\(server.port)"])
    #expect(head.uri.hasPrefix("/rtc?protocol=16&client_protocol=0&version=1.2.3&os=linux&auto_subscribe=1"))
    #expect(!head.uri.contains("token"))
    await connection.close()
    try await server.stop()
  }

  @Test("a message that comes with the upgrade, and one in pieces, arrive whole and in order")
  func messages() async throws {
    let bytes: [UInt8] = try LKSignalResponse.with { $0.refreshToken = String(repeating: "x", count: 10_000) }
      .serializedBytes()
    let pieces = [
      WebSocketFrame(fin: false, opcode: .binary, data: ByteBuffer(bytes: bytes[..<1])),
      WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer(string: "between")),
      WebSocketFrame(fin: false, opcode: .continuation, data: ByteBuffer(bytes: bytes[1..<9_000])),
      WebSocketFrame(fin: true, opcode: .continuation, data: ByteBuffer(bytes: bytes[9_000...])),
    ]
    let received = try await Self.receive([Self.pong] + pieces + [Self.close()])
    #expect(received.responses.map(\.pong) == [42, 0])
    #expect(received.responses.last?.refreshToken.count == 10_000)
    #expect(received.end == .closed(code: 1_000))
  }

  @Test("more messages than may wait arrive all the same")
  func manyMessages() async throws {
    let many = (1...1_000).map { number in WebSocketFrame.response(.with { $0.pong = Int64(number) }) }
    let received = try await Self.receive(many + [Self.close()])
    #expect(received.responses.map(\.pong) == (1...1_000).map { Int64($0) })
  }

  @Test("pings are answered, requests are masked, closing says 1000")
  func clientFrames() async throws {
    let ping = WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer(string: "still there?"))
    let server = try await SignalServer.start(.webSocket([Self.pong, ping], script: { _ in [] }))
    let connection = try await Self.open(server)
    connection.send(.with { $0.ping = 7 })
    var frames = server.frames.makeAsyncIterator()
    var received: [WebSocketFrame] = []
    for _ in 0..<2 { received.append(try #require(await frames.next())) }
    await connection.close()
    received.append(try #require(await frames.next()))
    #expect(received.allSatisfy { $0.maskKey != nil })
    let answer = try #require(received.first { $0.opcode == .pong })
    #expect(String(buffer: answer.unmaskedData) == "still there?")
    let request = try #require(received.first { $0.opcode == .binary })
    #expect(try LKSignalRequest(serializedBytes: [UInt8](request.unmaskedData.readableBytesView)).ping == 7)
    var code = try #require(received.last?.unmaskedData)
    #expect(code.readInteger(as: UInt16.self) == 1_000)
    try await server.stop()
  }

  @Test(
    "an HTTP error in place of the upgrade comes with its status and text",
    arguments: [
      (HTTPResponseStatus.unauthorized, "invalid token: expired"), (.notFound, "requested room does not exist"),
      (.serviceUnavailable, "node over capacity"), (.badGateway, "<html>"), (.ok, "hello"),
    ])
  func httpErrors(status: HTTPResponseStatus, text: String) async throws {
    let server = try await SignalServer.start(.status(status, text))
    await #expect(throws: SignalConnectionError.rejected(status: Int(status.code), body: text)) {
      _ = try await Self.open(server)
    }
    try await server.stop()
  }

  @Test("an endless error page is cut off")
  func longErrorPage() async throws {
    let server = try await SignalServer.start(.status(.internalServerError, String(repeating: "a", count: 1 << 20)))
    do {
      _ = try await Self.open(server)
      Issue.record("connected")
    } catch {
      guard case .rejected(status: 500, let body) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(body.count == 4_096)
    }
    try await server.stop()
  }

  @Test(
    "whatever isn't a WebSocket server is told as such",
    arguments: [
      "SSH-2.0-OpenSSH_9.2p1\r\n", "\u{0}\u{1}\u{2}garbage\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
    ])
  func notWebSocket(bytes: String) async throws {
    let server = try await SignalServer.start(.bytes(bytes))
    await #expect(throws: SignalConnectionError.notWebSocket) { _ = try await Self.open(server) }
    try await server.stop()
  }

  @Test("a server that never answers, or sends no first message, is given up")
  func timeouts() async throws {
    let server = try await SignalServer.start(.silence)
    let short = SignalConnection.Timeouts(upgrade: .milliseconds(100), firstMessage: .milliseconds(100))
    await #expect(throws: SignalConnectionError.timedOut) { _ = try await Self.open(server, timeouts: short) }
    try await server.stop()
    let received = try await Self.receive([], timeouts: .init(upgrade: .seconds(15), firstMessage: .milliseconds(100)))
    #expect(received.end == .timedOut)
  }

  @Test("a port that nobody listens on is unreachable, a name without address too")
  func unreachable() async throws {
    for url in ["ws://127.0.0.1:1", "ws://does-not-exist.invalid"] {
      do {
        _ = try await SignalConnection.open(
          try Self.endpoint(url), on: MultiThreadedEventLoopGroup.singleton.next())
        Issue.record("connected to \(url)")
      } catch {
        guard case .unreachable = error as? SignalConnectionError else {
          Issue.record("\(url): \(error)")
          continue
        }
      }
    }
  }

  @Test("a name with several addresses is tried on all of them")
  func severalAddresses() async throws {
    // The server listens on 127.0.0.1 alone; where `localhost` is also ::1, that one refuses.
    let server = try await SignalServer.start(.webSocket([Self.pong], script: { _ in [] }))
    let connection = try await SignalConnection.open(
      try Self.endpoint("ws://localhost:\(server.port)"), on: MultiThreadedEventLoopGroup.singleton.next())
    await connection.close()
    try await server.stop()
  }

  @Test("garbage in a message is told and the connection goes on; text is ignored")
  func garbage() async throws {
    let garbage = WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: [0xFF, 0xFF, 0xFF]))
    let text = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: "{}"))
    let received = try await Self.receive([garbage, text, Self.pong, Self.close()])
    #expect(received.malformed == 1)
    #expect(received.responses.map(\.pong) == [42])
  }

  @Test("frames that break the protocol end the connection")
  func violations() async throws {
    let data = ByteBuffer(bytes: [1])
    var extended = WebSocketFrame(fin: true, opcode: .binary, data: data)
    extended.rsv1 = true
    let cases = [
      [WebSocketFrame(fin: true, opcode: .continuation, data: data)],
      [
        WebSocketFrame(fin: false, opcode: .binary, data: data), WebSocketFrame(fin: true, opcode: .binary, data: data),
      ],
      [WebSocketFrame(fin: true, opcode: .binary, maskKey: [1, 2, 3, 4], data: data)],
      [extended],
      [WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(repeating: 0, count: (2 << 20) + 1))],
      [
        WebSocketFrame(fin: false, opcode: .binary, data: ByteBuffer(repeating: 0, count: 2 << 20)),
        WebSocketFrame(fin: true, opcode: .continuation, data: data),
      ],
    ]
    for (index, frames) in cases.enumerated() {
      let received = try await Self.receive(frames)
      guard case .protocolViolation = received.end else {
        Issue.record("case \(index) ended with \(received.end)")
        continue
      }
    }
  }

  @Test("a certificate that isn't trusted, or isn't for the host, is refused as such; a trusted one is taken")
  func tls() async throws {
    let server = try await SignalServer.start(.webSocket([Self.pong], script: { _ in [] }), tls: true)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let named = try Self.endpoint("https://localhost:\(server.port)")
    let byAddress = try Self.endpoint("https://127.0.0.1:\(server.port)")
    for (endpoint, roots) in [(named, []), (byAddress, [TestCertificate.certificate])] {
      do {
        _ = try await SignalConnection.open(endpoint, trustRoots: roots, on: loop)
        Issue.record("an untrusted certificate was taken")
      } catch {
        guard case .tls(_, isUntrusted: true) = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
    let connection = try await SignalConnection.open(named, trustRoots: [TestCertificate.certificate], on: loop)
    await connection.close()
    try await server.stop()
  }

  @Test("a server without TLS where TLS is expected is a TLS error")
  func plainServer() async throws {
    let server = try await SignalServer.start(.bytes("HTTP/1.1 400 Bad Request\r\n\r\n"))
    do {
      _ = try await SignalConnection.open(
        try Self.endpoint("wss://127.0.0.1:\(server.port)"), on: MultiThreadedEventLoopGroup.singleton.next())
      Issue.record("connected")
    } catch {
      guard case .tls(_, isUntrusted: false) = error as? SignalConnectionError else {
        Issue.record("\(error)")
        return
      }
    }
    try await server.stop()
  }
}

@Suite("The signalling URL")
struct SignalEndpointTests {
  private static func endpoint(
    _ url: String, topology: ConnectionTopology = .twoPeerConnections
  ) throws -> SignalEndpoint {
    try SignalEndpoint(
      ConnectOptions(url: url, token: "t", topology: topology, client: ClientDescription(version: "1.0")))
  }

  @Test(
    "the scheme becomes a WebSocket's, exactly one slash precedes rtc",
    arguments: [
      ("https://livekit.example", true, "livekit.example", 443, "/rtc?"),
      ("https://livekit.example/", true, "livekit.example", 443, "/rtc?"),
      ("wss://livekit.example//", true, "livekit.example", 443, "/rtc?"),
      ("http://127.0.0.1:7880/sub/path/", false, "127.0.0.1", 7_880, "/sub/path/rtc?"),
      ("ws://[::1]:7880", false, "::1", 7_880, "/rtc?"),
      ("HTTPS://Host?x=1#y", true, "Host", 443, "/rtc?"),
    ])
  func parts(url: String, isSecure: Bool, host: String, port: Int, prefix: String) throws {
    let endpoint = try Self.endpoint(url)
    #expect(endpoint.isSecure == isSecure)
    #expect(endpoint.host == host)
    #expect(endpoint.port == port)
    #expect(endpoint.target.hasPrefix(prefix))
  }

  @Test(
    "what can't be a signalling URL is refused",
    arguments: [
      "", "livekit.example", "ftp://livekit.example", "https://", "https://host:0", "https://host:99999",
      "https://user@host", "https://ho st", "https://host/\r\nX: y", "https://[::1",
    ])
  func refused(url: String) {
    #expect(throws: SignalConnectionError.self) { try Self.endpoint(url) }
  }

  @Test("a token with a line break can't smuggle a header in")
  func tokenInjection() {
    let options = ConnectOptions(url: "https://h", token: "t\r\nX: y", client: ClientDescription(version: "1"))
    #expect(throws: SignalConnectionError.self) { try SignalEndpoint(options) }
  }

  @Test("one peer connection is asked for with a padded base64url join request that subscribes")
  func joinRequest() throws {
    let endpoint = try Self.endpoint("https://h", topology: .onePeerConnection)
    let prefix = "/rtc/v1?join_request="
    #expect(endpoint.target.hasPrefix(prefix))
    let text = endpoint.target.dropFirst(prefix.count).replacing("%3D", with: "=")
    #expect(text.utf8.count % 4 == 0)
    let wrapped = try LKWrappedJoinRequest(serializedBytes: Self.decode(text))
    let request = try LKJoinRequest(serializedBytes: wrapped.joinRequest)
    #expect(wrapped.compression == .none)
    #expect(request.connectionSettings.autoSubscribe)
    #expect(request.connectionSettings.adaptiveStream)
    #expect(request.clientInfo.protocol == 16)
  }

  @Test("base64url gives RFC 4648's vectors, with the alphabet for URLs")
  func base64() {
    let vectors = [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ]
    for (plain, encoded) in vectors { #expect(Base64URL.encode(Array(plain.utf8)) == encoded) }
    #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8=")
  }

  private static func decode(_ text: some StringProtocol) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    var bits = 0
    var count = 0
    var bytes: [UInt8] = []
    for character in text {
      guard let value = alphabet.firstIndex(of: character) else { break }
      bits = (bits << 6 | value) & 0xFFFF
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> count))
      }
    }
    return bytes
  }
}

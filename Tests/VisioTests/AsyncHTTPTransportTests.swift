import Foundation
import HTTPExchange
import NIOSSL
import Testing

@testable import Visio

@Suite("The transport over the network")
struct AsyncHTTPTransportTests {
  /// Runs `body` with a client of a server that has these replies.
  private func withServer<Result: Sendable>(
    _ replies: [String: StandInServer.Reply], tls: TLSConfiguration? = nil, trusting: TLSConfiguration? = nil,
    timeout: Duration = .seconds(10), host: String = "127.0.0.1",
    body: (VisioClient, Int) async throws -> Result
  ) async throws -> Result {
    let server = try await StandInServer(replies: replies, tls: tls)
    let transport = AsyncHTTPTransport(tls: trusting ?? .makeClientConfiguration())
    let instance = try #require(VisioInstance("\(tls == nil ? "http" : "https")://\(host):\(server.port)"))
    let client = VisioClient(instance: instance, transport: transport, timeout: timeout)
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(client, server.port)) } catch { result = .failure(error) }
    await transport.shutdown()
    await server.stop()
    return try result.get()
  }

  @Test("a configuration comes through a redirect")
  func redirect() async throws {
    let configuration = try await withServer([
      "/api/v1.0/config/": .redirect("/elsewhere/"), "/elsewhere/": .json(Answers.configuration),
    ]) { client, _ in try await client.configuration().0 }
    #expect(configuration.liveKit?.url == "https://lk.example/")
  }

  @Test("a request goes out and its answer comes back")
  func entry() async throws {
    let answer = try await withServer([
      "/api/v1.0/rooms/abc-defg-hij/request-entry/": .json(Answers.entry("waiting"))
    ]) { client, _ in
      try await client.requestEntry(MeetingCode(typed: "abcdefghij"), username: "Salle", participantID: Answers.place)
    }
    #expect(answer.status == .waiting)
  }

  @Test("a page, a flood, silence and a closed connection each have their error")
  func failures() async throws {
    let replies: [(StandInServer.Reply?, (String) -> VisioError)] = [
      (nil, { .notVisio(host: $0) }),
      (.bytes(HTTPRequest.standardResponseLength + 1), { .unreadableAnswer(host: $0) }),
      (.silence, { .timedOut(host: $0) }), (.hangUp, { .instanceUnreachable(host: $0) }),
    ]
    for (reply, error) in replies {
      try await withServer(
        reply.map { ["/api/v1.0/config/": $0] } ?? [:], timeout: .milliseconds(500)
      ) { client, _ in
        let expected = error(client.instance.authority)
        await #expect(throws: expected) { try await client.configuration() }
      }
    }
  }

  @Test("a host that doesn't listen is unreachable, one without a name isn't found")
  func noServer() async throws {
    try await withServer([:]) { client, port in
      let transport = AsyncHTTPTransport()
      let closed = try #require(VisioInstance("http://127.0.0.1:1"))
      await #expect(throws: VisioError.instanceUnreachable(host: "127.0.0.1:1")) {
        try await VisioClient(instance: closed, transport: transport).configuration()
      }
      let nameless = try #require(VisioInstance("https://visio.invalid"))
      await #expect(throws: VisioError.instanceNotFound(host: "visio.invalid")) {
        try await VisioClient(instance: nameless, transport: transport).configuration()
      }
      await transport.shutdown()
    }
  }

  @Test("a certificate is only taken from who we trust, and for its own name")
  func certificates() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "salle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let certificate = folder.appending(path: "certificate.pem").path
    let key = folder.appending(path: "key.pem").path
    try Self.makeCertificate(certificate: certificate, key: key)
    let server = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
    var trusting = TLSConfiguration.makeClientConfiguration()
    trusting.trustRoots = .file(certificate)
    let replies: [String: StandInServer.Reply] = ["/api/v1.0/config/": .json(Answers.configuration)]

    try await withServer(replies, tls: server) { client, _ in
      await #expect(throws: VisioError.untrustedCertificate(host: client.instance.authority)) {
        try await client.configuration()
      }
    }
    _ = try await withServer(replies, tls: server, trusting: trusting, host: "localhost") { client, _ in
      try await client.configuration().0
    }
    try await withServer(replies, tls: server, trusting: trusting) { client, _ in
      await #expect(throws: VisioError.untrustedCertificate(host: client.instance.authority)) {
        try await client.configuration()
      }
    }
  }

  @Test("a server that doesn't speak TLS is told from one that can't be reached")
  func noTLS() async throws {
    try await withServer([:]) { client, port in
      let transport = AsyncHTTPTransport()
      let instance = try #require(VisioInstance("https://127.0.0.1:\(port)"))
      await #expect(throws: VisioError.tlsFailed(host: "127.0.0.1:\(port)")) {
        try await VisioClient(instance: instance, transport: transport).configuration()
      }
      await transport.shutdown()
    }
  }

  @Test("a cancelled request ends at once")
  func cancellation() async throws {
    try await withServer(["/api/v1.0/config/": .silence]) { client, _ in
      let task = Task { () -> VisioError? in
        do {
          _ = try await client.configuration()
          return nil
        } catch {
          return error as? VisioError
        }
      }
      task.cancel()
      #expect(await task.value == .cancelled)
    }
  }

  /// A certificate for `localhost`, signed by itself and made by the `openssl` program.
  private static func makeCertificate(certificate: String, key: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }
}

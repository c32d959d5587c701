import Catalogue
import Control
import ControlServer
import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// A control server on free ports of this machine, with a room behind it that keeps its volume.
struct ServerHarness {
  let center: ControlCenter
  let ports: ControlServer.Ports

  /// Who may in, with the password `secret`.
  private static let roles: [String: ControlRole] = ["user": .user, "panel": .integrator, "admin": .admin]

  /// Runs `body` with a server; the server is gone when it returns.
  static func with(
    serial: [SerialPortSettings] = [], entrance: WebEntrance = .closed,
    _ body: @escaping @Sendable (ServerHarness) async throws -> Void
  ) async throws {
    let center = try await center()
    let files = try TestCertificate.shared.get()
    let configuration = ControlServerConfiguration(
      terminal: ListenAddress("127.0.0.1:0"), https: ListenAddress("127.0.0.1:0"), serial: serial,
      certificatePath: files.certificate, privateKeyPath: files.key, allowedHosts: ["salle.example"],
      pages: ["/panel/page.js": WebPage(contentType: "text/javascript", bytes: Array("let a".utf8))],
      pagePolicy: "default-src 'self'", language: .english, roomName: "Rivoli", version: "1.2", entrance: entrance)
    let server = ControlServer(center: center, configuration: configuration, logger: Logger(label: "test"))
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await server.run() }
      let harness = ServerHarness(center: center, ports: try await server.ports)
      do {
        try await body(harness)
      } catch {
        tasks.cancelAll()
        throw error
      }
      tasks.cancelAll()
      try await tasks.waitForAll()
    }
  }

  private static func center() async throws -> ControlCenter {
    let center = ControlCenter(authenticator: { name, password in password == "secret" ? roles[name] : nil })
    let volume = ControlPath([.init("Audio"), .init("Volume")])
    try await center.handle("Audio Volume Set") { call throws(ControlError) in
      try await center.update([(volume, .integer(call.integer("Level") ?? 0))])
      return []
    }
    try await center.handle("Dial") { _ in [ControlLeaf(ControlPath([.init("CallId")]), .integer(7))] }
    try await center.handle("Standby Activate") { _ throws(ControlError) in throw .failed(reason: "Busy") }
    return center
  }

  /// Connects by TLS.
  func connect(to port: Int?) async throws -> TLSClient { try await TLSClient(port: port ?? 0) }

  /// A terminal that has signed in and whose echo is off.
  func terminal(as name: String = "admin") async throws -> TLSClient {
    let client = try await connect(to: ports.terminal)
    client.send("\(name)\r\nsecret\r\necho off\r\n")
    _ = try await client.read(until: "echo off\r\nOK\r\n")
    return client
  }
}

/// A certificate for `localhost` that vouches for itself.
struct TestCertificate {
  let certificate: String
  let key: String

  static let shared = Result { try TestCertificate() }

  private init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "salle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    certificate = folder.appending(path: "certificate.pem").path
    key = folder.appending(path: "key.pem").path
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
      certificate,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}

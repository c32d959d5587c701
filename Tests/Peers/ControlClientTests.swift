import Control
import ControlServer
import Foundation
import Logging
import Testing

/// The control server with client libraries that nobody here wrote.
@Suite("Control clients")
struct ControlClientTests {
  /// What `control_client.py` saw.
  private struct Seen: Decodable {
    let refused: Bool
    let value: Int
    let set: Bool
    let setting: Int
    let errors: [[String]?]
    let seconds: Double
    let answers: Int
    let volumes: [Int]
    let unsubscribed: Bool
  }

  @Test("xows signs in, reads, sets, runs a thousand commands and hears of each change in order")
  func xows() async throws {
    let center = ControlCenter(authenticator: { name, password in
      name == "admin" && password == "secret" ? .admin : nil
    })
    let volume = ControlPath([.init("Audio"), .init("Volume")])
    try await center.handle("Audio Volume Set") { call throws(ControlError) in
      try await center.update([(volume, .integer(call.integer("Level") ?? 0))])
      return []
    }
    let files = try Self.certificate()
    defer { try? FileManager.default.removeItem(at: files.folder) }
    let server = ControlServer(
      center: center,
      configuration: ControlServerConfiguration(
        https: ListenAddress(host: "127.0.0.1", port: 0), certificatePath: files.certificate, privateKeyPath: files.key),
      logger: Logger(label: "salle.test"))
    let running = Task { try await server.run() }
    defer { running.cancel() }
    let port = try #require(try await server.ports.https)
    let seen = try await PeerProcess("control_client.py", ["\(port)"]).next(Seen.self)
    #expect(seen.refused && seen.value == 50 && seen.set && seen.setting == 40 && seen.unsubscribed)
    #expect(
      seen.errors.map { $0?.last } == [
        "('No match on address expression', {'xpath': 'Status/nothing'})", "Illegal value",
        "('Unknown command', {'xpath': '/Nothing'})",
      ])
    #expect(seen.answers == 1_000)
    #expect(seen.volumes == [50] + (0..<1_000).map { 1 + $0 % 100 })
    print("xows: 1,000 commands with feedback in \(seen.seconds) s")
  }

  private static func certificate() throws -> (folder: URL, certificate: String, key: String) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "salle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (certificate, key) = (folder.appending(path: "certificate.pem").path, folder.appending(path: "key.pem").path)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-keyout", key, "-out", certificate,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return (folder, certificate, key)
  }
}

import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// A server on this machine that takes connections and says nothing, or nothing but its certificate.
final class StandInServer: Sendable {
  private let channel: any Channel
  private let children: NIOLoopBoundBox<[ObjectIdentifier: any Channel]>

  /// - Parameter certificate: for TLS; nil for plain TCP.
  init(certificate: SelfSignedCertificate? = nil) async throws {
    let context = try certificate.map { try NIOSSLContext(configuration: $0.configuration) }
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let children = NIOLoopBoundBox<[ObjectIdentifier: any Channel]>.makeBoxSendingValue([:], eventLoop: eventLoop)
    channel = try await ServerBootstrap(group: eventLoop)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          children.value[ObjectIdentifier(channel)] = channel
          channel.closeFuture.whenComplete { _ in children.value[ObjectIdentifier(channel)] = nil }
          if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    self.children = children
    port = channel.localAddress?.port ?? 0
  }

  /// Where it listens, or listened.
  let port: Int

  /// How many are connected.
  var connectionCount: Int {
    get async throws { try await channel.eventLoop.submit { [children] in children.value.count }.get() }
  }

  func stop() async {
    try? await channel.close().get()
    try? await channel.eventLoop.submit { [children] in
      for child in children.value.values { child.close(promise: nil) }
    }.get()
  }

  /// A port on which nothing listens.
  static func closedPort() async throws -> Int {
    let server = try await StandInServer()
    await server.stop()
    return server.port
  }
}

/// A certificate for `localhost` that nobody trusts, made anew by the openssl program.
struct SelfSignedCertificate {
  let configuration: TLSConfiguration

  init() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let (key, certificate) = (folder.path("key.pem"), folder.path("certificate.pem"))
    let program = try RunningProgram(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
        certificate,
      ])
    let outcome = try await program.outcome()
    guard outcome.status == 0 else { throw Missing("openssl: \(outcome.errors)") }
    configuration = .makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
  }
}

/// A folder of its own for a test's files.
struct TemporaryFolder {
  private let folder: String

  init() throws {
    var template = Array("/tmp/salle-tests-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Missing("a temporary folder: \(errno)") }
    folder = String(cString: made)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Writes a file and gives its path.
  func write(_ text: String, to name: String) throws -> String {
    guard let file = fopen(path(name), "w") else { throw Missing("\(path(name)): \(errno)") }
    defer { fclose(file) }
    fputs(text, file)
    return path(name)
  }

  func remove() {
    guard let directory = opendir(folder) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { unlink(path(name)) }
    }
    closedir(directory)
    rmdir(folder)
  }
}

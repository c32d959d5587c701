import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A control system's end of a terminal over TLS: writes lines, and reads up to what it waits for.
final class TerminalClient {
  private final class Inbox: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    let received = Mutex<[UInt8]>([])

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data)
      received.withLock { $0 += bytes.readableBytesView }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }

  private let inbox = Inbox()
  private let channel: any Channel

  /// Connects to a port of this machine, trusting the certificate in a file.
  init(port: Int, certificate: String) async throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .file(certificate)
    let context = try NIOSSLContext(configuration: configuration)
    let inbox = inbox
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let tls = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
          try channel.pipeline.syncOperations.addHandlers([tls, inbox])
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
  }

  deinit { channel.close(promise: nil) }

  /// Signs in, and asks for no echo.
  func signIn(_ name: String, _ password: String) async throws {
    _ = try await read(until: "login:")
    write(name)
    _ = try await read(until: "Password:")
    write(password)
    _ = try await read(until: "OK\r\n")
    write("echo off")
    _ = try await read(until: "OK\r\n")
  }

  /// Sends a line.
  func write(_ line: String) { channel.writeAndFlush(ByteBuffer(string: line + "\r\n"), promise: nil) }

  /// Sends a line and waits for `answer`.
  @discardableResult
  func run(_ line: String, until answer: String = "** end\r\n") async throws -> String {
    write(line)
    return try await read(until: answer)
  }

  /// What comes up to and with `text`; the rest stays.
  @discardableResult
  func read(until text: String) async throws -> String {
    let inbox = inbox
    var found: String?
    _ = await eventually(within: .seconds(30)) {
      found = inbox.received.withLock { received in
        guard let end = received.firstRange(of: Array(text.utf8))?.upperBound else { return nil }
        defer { received.removeFirst(end) }
        return String(decoding: received[..<end], as: UTF8.self)
      }
      return found != nil
    }
    guard let found else {
      throw Missing("“\(text)” in “\(inbox.received.withLock { String(decoding: $0, as: UTF8.self) })”")
    }
    return found
  }
}

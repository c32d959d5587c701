import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The peer's end of a connection by TLS: sends text, and reads up to what it waits for.
final class TLSClient: Sendable {
  /// The connection ended, or what was waited for didn't come in ten seconds.
  struct Missing: Error {
    let text: String
    let received: String
  }

  /// What came, shared with the handler that reads.
  private final class Inbox: Sendable {
    struct State {
      var received: [UInt8] = []
      var isOver = false
    }

    let state = Mutex(State())
    let changes: AsyncStream<Void>
    let change: AsyncStream<Void>.Continuation

    init() { (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func update(_ body: (inout State) -> Void) {
      state.withLock { body(&$0) }
      change.yield()
    }
  }

  let channel: any Channel
  private let inbox: Inbox

  /// Connects to a port of this machine.
  /// - Parameters:
  ///   - version: the only one of TLS that is spoken; nil for all.
  init(port: Int, version: TLSVersion? = nil) async throws {
    let inbox = Inbox()
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .file(try TestCertificate.shared.get().certificate)
    configuration.shutdownTimeout = .milliseconds(100)
    configuration.maximumTLSVersion = version
    if version != nil { configuration.minimumTLSVersion = .tlsv1 }
    let context = try NIOSSLContext(configuration: configuration)
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let tls = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
          try channel.pipeline.syncOperations.addHandlers([tls, Reader(inbox)])
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    self.inbox = inbox
    channel.closeFuture.whenComplete { _ in inbox.update { $0.isOver = true } }
  }

  /// Sends text.
  func send(_ text: String) { send(Array(text.utf8)) }

  /// Sends bytes.
  func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

  /// What comes up to and with `ending`; the rest stays.
  func read(until ending: String) async throws -> String {
    try await read(until: ending) { bytes in
      bytes.firstRange(of: ending.utf8)?.upperBound
    }
  }

  /// The next bytes.
  func read(count: Int) async throws -> String {
    try await read(until: "\(count) bytes") { $0.count >= count ? count : nil }
  }

  /// All that comes until the peer ends the connection.
  func readToEnd() async throws -> String {
    while !inbox.state.withLock({ $0.isOver }) { try await waitForChange("the end") }
    return inbox.state.withLock { String(decoding: $0.received, as: UTF8.self) }
  }

  private func read(until name: String, _ find: ([UInt8]) -> Int?) async throws -> String {
    while true {
      let part: ArraySlice<UInt8>? = inbox.state.withLock { state in
        guard let end = find(state.received) else { return nil }
        defer { state.received.removeFirst(end) }
        return state.received[..<end]
      }
      if let part { return String(decoding: part, as: UTF8.self) }
      guard !inbox.state.withLock({ $0.isOver }) else { throw missing(name) }
      try await waitForChange(name)
    }
  }

  private func waitForChange(_ name: String) async throws {
    let isChanged = await withTaskGroup(of: Bool.self) { [changes = inbox.changes] tasks in
      tasks.addTask {
        for await _ in changes { return true }
        return false
      }
      tasks.addTask {
        try? await Task.sleep(for: .seconds(10))
        return false
      }
      defer { tasks.cancelAll() }
      return await tasks.next() ?? false
    }
    if !isChanged { throw missing(name) }
  }

  private func missing(_ text: String) -> Missing {
    Missing(text: text, received: inbox.state.withLock { String(decoding: $0.received.suffix(2_000), as: UTF8.self) })
  }

  /// Ends the connection.
  func close() { channel.close(promise: nil) }

  private final class Reader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data).readableBytesView
      inbox.update { $0.received += bytes }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

import Logging
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A port that is listened on by TLS, and the bounds that hold for all who come.
struct TLSListener<Connection: Sendable>: Sendable {
  /// Somebody who has come.
  private struct Client: Sendable {
    let channel: any Channel
    let connection: Connection
    /// Is there when TLS is.
    let handshake: EventLoopFuture<Void>
  }

  private let channel: NIOAsyncChannel<Client?, Never>
  private let logger: Logger

  /// The port.
  let port: Int

  /// Listens.
  /// - Parameters:
  ///   - limit: how many connections there may be at once.
  ///   - configure: makes a connection of a channel, on its event loop.
  init(
    _ address: ListenAddress, limit: Int, context: NIOSSLContext, group: any EventLoopGroup, logger: Logger,
    configure: @escaping @Sendable (any Channel) throws -> Connection
  ) async throws(ControlServerError) {
    let count = ConnectionCount(limit: limit)
    do {
      channel = try await ServerBootstrap(group: group)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.backlog, value: 256)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
        // A peer that is gone without a word is noticed within two minutes, one that takes nothing after one.
        .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
        .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 15)
        .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 4)
        .childChannelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: 60_000)
        .bind(host: address.host, port: address.port) { channel in
          channel.eventLoop.makeCompletedFuture {
            guard count.enter() else {
              channel.close(promise: nil)
              return nil
            }
            channel.closeFuture.whenComplete { _ in count.leave() }
            let handshake = HandshakeHandler(channel.eventLoop.makePromise())
            try channel.pipeline.syncOperations.addHandlers([NIOSSLServerHandler(context: context), handshake])
            return Client(
              channel: channel, connection: try configure(channel), handshake: handshake.promise.futureResult)
          }
        }
    } catch {
      throw .listen(address, reason: "\(error)")
    }
    port = channel.channel.localAddress?.port ?? address.port
    self.logger = logger
    logger.info("listening", metadata: ["address": "\(address.host)", "port": "\(port)"])
  }

  /// Serves each connection with `body` until the task is cancelled.
  func run(_ body: @escaping @Sendable (Connection) async -> Void) async {
    do {
      try await channel.executeThenClose { clients in
        try await withThrowingDiscardingTaskGroup { connections in
          for try await client in clients {
            guard let client else { continue }
            connections.addTask {
              let hasBegun: Void? = await withTaskCancellationHandler {
                try? await client.handshake.get()
              } onCancel: {
                client.channel.close(promise: nil)
              }
              // Who doesn't get as far is closed already.
              if hasBegun != nil { await body(client.connection) }
            }
          }
          // No longer listening: those who are there still have to go.
          connections.cancelAll()
        }
      }
    } catch is CancellationError {
      // It was told to end.
    } catch {
      logger.error("no longer listening", metadata: ["port": "\(port)", "error": "\(error)"])
    }
  }
}

/// How many connections there are.
private final class ConnectionCount: Sendable {
  private let limit: Int
  private let count = Mutex(0)

  init(limit: Int) { self.limit = limit }

  func enter() -> Bool {
    count.withLock { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
  }

  func leave() { count.withLock { $0 -= 1 } }
}

/// Tells when TLS is there, and closes connections where it takes too long.
private final class HandshakeHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// How long a handshake may take.
  static let timeout = TimeAmount.seconds(10)

  let promise: EventLoopPromise<Void>
  private var timer: Scheduled<Void>?

  init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    timer = context.eventLoop.scheduleTask(in: Self.timeout) { channel.close(mode: .all, promise: nil) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted = event as? TLSUserEvent {
      timer?.cancel()
      promise.succeed()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // No handshake, or garbage after it: there is no way back.
    context.close(promise: nil)
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    promise.fail(ChannelError.eof)
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    promise.fail(ChannelError.eof)
  }
}

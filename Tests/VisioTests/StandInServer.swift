import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A small HTTP server on this machine that answers each path with what is set for it, and anything else with a page.
final class StandInServer: Sendable {
  /// What the server does with a path.
  enum Reply: Sendable {
    case json(String)
    case redirect(String)
    case bytes(Int)
    case silence
    case hangUp
  }

  private let channel: any Channel

  /// - Parameter tls: The server's certificate and key; nil for plain HTTP.
  init(replies: [String: Reply], tls: TLSConfiguration? = nil) async throws {
    let context = try tls.map { try NIOSSLContext(configuration: $0) }
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Responder(replies: replies))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  var port: Int { channel.localAddress?.port ?? 0 }

  func stop() async {
    try? await channel.close().get()
  }

  private final class Responder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let replies: [String: Reply]
    private var uri = ""

    init(replies: [String: Reply]) {
      self.replies = replies
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): uri = head.uri
      case .body: break
      case .end: reply(context)
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }

    private func reply(_ context: ChannelHandlerContext) {
      switch replies[uri] {
      case .json(let text): write(context, .ok, ["Content-Type": "application/json"], Array(text.utf8))
      case .redirect(let location): write(context, .movedPermanently, ["Location": location], [])
      case .bytes(let count):
        write(context, .ok, ["Content-Type": "application/json"], Array(repeating: UInt8(ascii: " "), count: count))
      case .silence: break
      case .hangUp: context.close(promise: nil)
      case nil: write(context, .ok, ["Content-Type": "text/html"], Array("<!doctype html>".utf8))
      }
    }

    private func write(
      _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: [UInt8]
    ) {
      var headers = headers
      headers.add(name: "Content-Length", value: String(body.count))
      context.write(
        wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}

import LiveKitMessages
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import WebRTC

/// The part of a LiveKit server that clients talk to by WebSocket: `/rtc` and `/rtc/v1`, where each message is one
/// SignalRequest or SignalResponse. Runs on the room's event loop.
final class SignallingServer: Sendable {
  /// A request as far as it matters before the upgrade.
  struct Request: Sendable {
    var uri: String
    var authorization: String?
  }

  /// An answer in place of the upgrade.
  struct Refusal: Error, Hashable, Sendable {
    var status: HTTPResponseStatus
    var text: String
  }

  /// What the room makes of those who come.
  struct Delegate: Sendable {
    /// Whether a request may be upgraded, and by what token.
    var admit: @Sendable (Request) -> Result<Admission, Refusal>
    /// Takes over a socket; called on the event loop.
    var begin: @Sendable (Admission, NIOLoopBound<SignallingSocket>) -> Void
  }

  /// Somebody who may come in.
  struct Admission: Sendable {
    var token: AccessToken
    var parameters: JoinParameters
  }

  /// Largest message, as at LiveKit's server.
  static let maximumMessageSize = 2 * 1_024 * 1_024

  private let channel: any Channel
  private let children: NIOLoopBound<SocketRegistry>
  /// The port that it listens on.
  let port: Int

  private init(channel: any Channel, children: NIOLoopBound<SocketRegistry>, port: Int) {
    self.channel = channel
    self.children = children
    self.port = port
  }

  /// Listens on 127.0.0.1.
  static func start(
    port: Int, on eventLoop: any EventLoop, delegate: Delegate, logger: Logger
  ) async throws -> SignallingServer {
    let registry = try await eventLoop.submit { NIOLoopBound(SocketRegistry(), eventLoop: eventLoop) }.get()
    let channel = try await ServerBootstrap(group: eventLoop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try configure(channel, delegate, registry, logger) }
      }
      .bind(host: "127.0.0.1", port: port).get()
    return SignallingServer(channel: channel, children: registry, port: channel.localAddress?.port ?? port)
  }

  /// Closes the listening socket: nobody comes any more.
  func refuse() async {
    try? await channel.close()
  }

  /// Closes the listening socket and all others.
  func stop() async {
    await refuse()
    try? await channel.eventLoop.submit { [children] in children.value.closeAll() }.get()
  }

  private static func configure(
    _ channel: any Channel, _ delegate: Delegate, _ registry: NIOLoopBound<SocketRegistry>, _ logger: Logger
  ) throws {
    registry.value.add(channel)
    let upgrader = NIOTypedWebSocketServerUpgrader<Void>(
      maxFrameSize: maximumMessageSize,
      shouldUpgrade: { channel, head in
        switch delegate.admit(Request(head)) {
        case .success: channel.eventLoop.makeSucceededFuture(HTTPHeaders())
        case .failure(let refusal):
          // Answered here: a refused upgrade's request isn't handed on to the handler of plain requests.
          refusal.send(on: channel).flatMapThrowing { nil }
        }
      },
      upgradePipelineHandler: { channel, head in
        channel.eventLoop.makeCompletedFuture {
          guard case .success(let admission) = delegate.admit(Request(head)) else { throw ChannelError.eof }
          let socket = SignallingSocket(channel)
          try channel.pipeline.syncOperations.addHandler(socket)
          delegate.begin(admission, NIOLoopBound(socket, eventLoop: channel.eventLoop))
        }
      })
    let configuration = NIOTypedHTTPServerUpgradeConfiguration<Void>(
      upgraders: [upgrader],
      notUpgradingCompletionHandler: { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(PlainRequestHandler(delegate))
        }
      })
    _ = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
      configuration: .init(upgradeConfiguration: configuration))
  }
}

extension SignallingServer.Request {
  init(_ head: HTTPRequestHead) {
    self.init(uri: head.uri, authorization: head.headers.first(name: "Authorization"))
  }

  /// The URI without its query, with doubled slashes at its start forgiven.
  var path: String {
    "/" + uri.prefix { $0 != "?" }.drop { $0 == "/" }
  }
}

/// Answers what isn't upgraded: refusals, and the validation that browsers ask for since they see no status.
private final class PlainRequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let delegate: SignallingServer.Delegate

  init(_ delegate: SignallingServer.Delegate) {
    self.delegate = delegate
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // The rest of the request, if there is any, changes nothing.
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    answer(head, context)
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    var request = SignallingServer.Request(head)
    let path = request.path
    let isValidation = path == "/rtc/validate" || path == "/rtc/v1/validate"
    if isValidation { request.uri = String(path.dropLast("/validate".count)) + request.uri.drop { $0 != "?" } }
    let (status, text): (HTTPResponseStatus, String)
    switch delegate.admit(request) {
    case .success: (status, text) = isValidation ? (.ok, "success") : (.notFound, "404 page not found")
    case .failure(let refusal): (status, text) = (refusal.status, refusal.text)
    }
    _ = SignallingServer.Refusal(status: status, text: text).send(on: context.channel)
  }
}

extension SignallingServer.Refusal {
  /// Answers with this and closes the connection.
  fileprivate func send(on channel: any Channel) -> EventLoopFuture<Void> {
    let headers: HTTPHeaders = [
      "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(text.utf8.count)", "Connection": "close",
    ]
    channel.write(
      HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)),
      promise: nil)
    channel.write(
      HTTPServerResponsePart.body(.byteBuffer(channel.allocator.buffer(string: text))), promise: nil)
    return channel.writeAndFlush(HTTPServerResponsePart.end(nil)).always { _ in channel.close(promise: nil) }
  }
}

/// The sockets that are open. Confined to the event loop.
private final class SocketRegistry {
  private var channels: [ObjectIdentifier: any Channel] = [:]

  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    channels[id] = channel
    let registry = NIOLoopBound(self, eventLoop: channel.eventLoop)
    channel.closeFuture.whenComplete { _ in registry.value.channels[id] = nil }
  }

  func closeAll() {
    for channel in channels.values { channel.close(promise: nil) }
  }
}

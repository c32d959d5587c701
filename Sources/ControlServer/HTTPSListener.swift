import Control
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOWebSocket
import Synchronization

/// HTTPS: JSON-RPC over WebSocket at `/ws`, all else by `HTTPConnection`.
struct HTTPSListener: Listener {
  /// Connections at once, whether signed in or not.
  static let maximumConnectionCount = 512

  /// What a connection turns out to be.
  enum Connection: Sendable {
    case webSocket(NIOAsyncChannel<ByteBuffer, Never>, ControlRole)
    case http(NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>)
  }

  private let listener: TLSListener<EventLoopFuture<Connection>>
  private let center: ControlCenter
  private let face: HTTPFace

  /// The port.
  var port: Int { listener.port }

  init(
    _ address: ListenAddress, center: ControlCenter, configuration: ControlServerConfiguration,
    context: NIOSSLContext, group: any EventLoopGroup, logger: Logger
  ) async throws(ControlServerError) {
    let face = HTTPFace(center: center, configuration: configuration)
    self.center = center
    self.face = face
    listener = try await TLSListener(
      address, limit: Self.maximumConnectionCount, context: context, group: group, logger: logger
    ) { channel in
      try Self.configure(channel, face)
    }
  }

  func run() async {
    await listener.run { [center, face] connection in
      // Who never says what it wants is closed by the request's timer.
      switch try? await connection.get() {
      case .webSocket(let channel, let role):
        let session = JSONRPCSession(role: role, language: face.language)
        await SessionConnection(channel: channel, center: center, isMessageBased: true).run(session)
      case .http(let channel): await HTTPConnection(channel: channel, face: face).run()
      case nil: break
      }
    }
  }

  private static func configure(_ channel: any Channel, _ face: HTTPFace) throws -> EventLoopFuture<Connection> {
    let role = Mutex<ControlRole?>(nil)
    let upgrader = NIOTypedWebSocketServerUpgrader<Connection>(
      maxFrameSize: JSONRPCSession.maximumMessageLength,
      shouldUpgrade: { channel, head in
        let admission = channel.eventLoop.makePromise(of: HTTPHeaders?.self)
        let caller = HTTPCaller(channel)
        admission.completeWithTask {
          switch await face.admitWebSocket(head, caller) {
          case .success(let admitted):
            role.withLock { $0 = admitted.role }
            return admitted.headers
          case .failure(let refusal):
            // Answered here: a refused upgrade's request isn't handed on to the handler of plain requests.
            try await refusal.response.send(on: channel)
            return nil
          }
        }
        return admission.futureResult
      },
      upgradePipelineHandler: { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          guard let role = role.withLock({ $0 }) else { throw ChannelError.eof }
          // It knows HTTP only.
          let timer = try channel.pipeline.syncOperations.handler(type: RequestTimer.self)
          channel.pipeline.syncOperations.removeHandler(timer, promise: nil)
          let aggregator = NIOWebSocketFrameAggregator(
            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 4_096,
            maxAccumulatedFrameSize: JSONRPCSession.maximumMessageLength)
          try channel.pipeline.syncOperations.addHandlers([aggregator, WebSocketMessages()])
          // Messages may be long: no more than one waits.
          let pressure = NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark(
            lowWatermark: 1, highWatermark: 1)
          return .webSocket(
            try NIOAsyncChannel(
              wrappingChannelSynchronously: channel, configuration: .init(backPressureStrategy: pressure)), role)
        }
      })
    let configuration = NIOTypedHTTPServerUpgradeConfiguration<Connection>(
      upgraders: [upgrader],
      notUpgradingCompletionHandler: { channel in
        channel.eventLoop.makeCompletedFuture {
          .http(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
        }
      })
    let connection = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
      configuration: .init(upgradeConfiguration: configuration))
    // Before the upgrade handler, so that it sees the requests that this one looks at.
    let upgradeHandler = try channel.pipeline.syncOperations.handler(
      type: NIOTypedHTTPServerUpgradeHandler<Connection>.self)
    try channel.pipeline.syncOperations.addHandler(RequestTimer(), position: .before(upgradeHandler))
    return connection
  }
}

/// Closes connections on which no whole request comes for a while.
private final class RequestTimer: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart

  /// How long a request may take to come, from the end of the answer before.
  static let timeout = TimeAmount.seconds(60)

  private var timer: Scheduled<Void>?

  func handlerAdded(context: ChannelHandlerContext) { start(context) }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .end = unwrapInboundIn(data) { timer?.cancel() }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { start(context) }
    context.write(data, promise: promise)
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What came isn't HTTP, as it has been answered by now.
    context.close(promise: nil)
    context.fireErrorCaught(error)
  }

  private func start(_ context: ChannelHandlerContext) {
    timer?.cancel()
    let channel = context.channel
    timer = context.eventLoop.scheduleTask(in: Self.timeout) { channel.close(mode: .all, promise: nil) }
  }
}

import LiveKitMessages
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import SwiftProtobuf

/// One signalling connection: a WebSocket of binary protocol buffer messages.
///
/// Its TLS trusts the system's certificate authorities and those given, and checks the certificate's host name.
public final class SignalConnection: Sendable {
  /// How long to wait.
  public struct Timeouts: Hashable, Sendable {
    /// For name lookup, TCP, TLS and the upgrade together. The server itself may need 12 s to find a node.
    public var upgrade: Duration
    /// For the first message after the upgrade.
    public var firstMessage: Duration

    /// Timeouts; by default those of LiveKit's own clients.
    public init(upgrade: Duration = .seconds(15), firstMessage: Duration = .seconds(5)) {
      self.upgrade = upgrade
      self.firstMessage = firstMessage
    }
  }

  private let channel: any Channel
  private let context: NIOLoopBound<(WebSocketMessageHandler, ChannelHandlerContext)>
  private let messages: AsyncThrowingStream<[UInt8], any Error>

  private init(
    channel: any Channel, context: NIOLoopBound<(WebSocketMessageHandler, ChannelHandlerContext)>,
    messages: AsyncThrowingStream<[UInt8], any Error>
  ) {
    self.channel = channel
    self.context = context
    self.messages = messages
  }

  /// Connects to `endpoint` and upgrades to a WebSocket. Cancelling the task gives up at once.
  /// - Parameters:
  ///   - trustRoots: certificates in PEM to trust beside the system's, such as a ministry's own authority.
  ///   - eventLoop: where the connection lives.
  public static func open(
    _ endpoint: SignalEndpoint, trustRoots: [String] = [], timeouts: Timeouts = Timeouts(), on eventLoop: any EventLoop
  ) async throws(SignalConnectionError) -> SignalConnection {
    let opening = SignalConnectionOpening(
      endpoint: endpoint, timeouts: timeouts, tls: endpoint.isSecure ? try tlsContext(trustRoots) : nil,
      eventLoop: eventLoop)
    do {
      return try await withTaskCancellationHandler {
        try await opening.start().get()
      } onCancel: {
        opening.cancel()
      }
    } catch {
      throw SignalConnectionError(transport: error)
    }
  }

  private static func tlsContext(_ trustRoots: [String]) throws(SignalConnectionError) -> NIOSSLContext {
    do {
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.certificateVerification = .fullVerification
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["http/1.1"]
      configuration.additionalTrustRoots = try trustRoots.map {
        .certificates(try NIOSSLCertificate.fromPEMBytes(Array($0.utf8)))
      }
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw .tls("\(error)", isUntrusted: false)
    }
  }

  /// What is left when the channel has become a WebSocket.
  static func take(
    over channel: any Channel, firstMessageTimeout: Duration
  ) -> EventLoopFuture<SignalConnection> {
    channel.eventLoop.makeCompletedFuture {
      let (messages, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
      let handler = WebSocketMessageHandler(
        continuation: continuation, firstMessageTimeout: TimeAmount(firstMessageTimeout))
      try channel.pipeline.syncOperations.addHandler(handler)
      let context = try channel.pipeline.syncOperations.context(handler: handler)
      return SignalConnection(
        channel: channel, context: NIOLoopBound((handler, context), eventLoop: channel.eventLoop), messages: messages)
    }
  }

  /// Sends a request, in the order of the calls. One that can't be sent any more is dropped: `receive` tells that the
  /// connection is gone.
  public func send(_ request: LKSignalRequest) {
    guard let bytes: [UInt8] = try? request.serializedBytes() else { return }
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  /// Gives each message to `body`, in order, until the connection ends; call it once. The socket is read no faster than
  /// `body` returns.
  /// - Throws: always, in the end: `closed` when the connection did, or what went wrong.
  public func receive(
    _ body: @Sendable (Result<LKSignalResponse, MessageDecodingError>) async -> Void
  ) async throws(SignalConnectionError) {
    do {
      for try await bytes in messages {
        channel.eventLoop.execute { [context] in
          let (handler, channelContext) = context.value
          handler.messageConsumed(context: channelContext)
        }
        let result: Result<LKSignalResponse, MessageDecodingError>
        do throws(MessageDecodingError) {
          result = .success(try SignalDecoder.decode(bytes))
        } catch {
          result = .failure(error)
        }
        await body(result)
      }
    } catch {
      throw SignalConnectionError(transport: error)
    }
    throw .closed(code: nil)
  }

  /// Closes with code 1000. Returns when the connection is gone, at the latest after a second.
  public func close() async {
    channel.eventLoop.execute { [context] in
      let (handler, channelContext) = context.value
      handler.closeNormally(context: channelContext)
    }
    try? await channel.closeFuture.get()
  }
}

/// The way from nothing to a WebSocket, on one event loop.
private struct SignalConnectionOpening: Sendable {
  let endpoint: SignalEndpoint
  let timeouts: SignalConnection.Timeouts
  let tls: NIOSSLContext?
  let eventLoop: any EventLoop
  private let promise: EventLoopPromise<SignalConnection>

  init(
    endpoint: SignalEndpoint, timeouts: SignalConnection.Timeouts, tls: NIOSSLContext?, eventLoop: any EventLoop
  ) {
    self.endpoint = endpoint
    self.timeouts = timeouts
    self.tls = tls
    self.eventLoop = eventLoop
    promise = eventLoop.makePromise(of: SignalConnection.self)
  }

  func cancel() {
    promise.fail(SignalConnectionError.closed(code: nil))
  }

  func start() -> EventLoopFuture<SignalConnection> {
    let timer = eventLoop.scheduleTask(in: TimeAmount(timeouts.upgrade)) {
      promise.fail(SignalConnectionError.timedOut)
    }
    promise.futureResult.whenComplete { _ in timer.cancel() }
    // A name with several addresses gets several channels, of which the first that connects wins: only its upgrade counts.
    let upgrades = NIOLoopBoundBox<[ObjectIdentifier: EventLoopFuture<SignalConnection>]>
      .makeBoxSendingValue([:], eventLoop: eventLoop)
    ClientBootstrap(group: eventLoop)
      .connectTimeout(TimeAmount(timeouts.upgrade))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        // Also when the time ran out meanwhile, so that nothing stays open.
        promise.futureResult.whenFailure { _ in channel.close(promise: nil) }
        return channel.eventLoop.makeCompletedFuture {
          upgrades.value[ObjectIdentifier(channel)] = try configure(channel)
        }
      }
      .connect(host: endpoint.host, port: endpoint.port)
      .flatMap { channel in
        upgrades.value[ObjectIdentifier(channel)]
          ?? channel.eventLoop.makeFailedFuture(SignalConnectionError.closed(code: nil))
      }
      .whenComplete { promise.completeWith($0) }
    return promise.futureResult
  }

  private func configure(_ channel: any Channel) throws -> EventLoopFuture<SignalConnection> {
    if let tls {
      // An address can't be named in the TLS greeting; the certificate is then checked against the address itself.
      let isAddress = (try? NIOCore.SocketAddress(ipAddress: endpoint.host, port: 0)) != nil
      let handler = try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : endpoint.host)
      try channel.pipeline.syncOperations.addHandler(handler)
    }
    // A future as the upgrade's result: the rest of a refusal is only read once the upgrade has ended.
    let upgrader = NIOTypedWebSocketClientUpgrader<EventLoopFuture<SignalConnection>>(
      maxFrameSize: SignalDecoder.maximumSize, enableAutomaticErrorHandling: false
    ) { channel, _ in
      channel.eventLoop.makeSucceededFuture(
        SignalConnection.take(over: channel, firstMessageTimeout: timeouts.firstMessage))
    }
    let upgrade = NIOTypedHTTPClientUpgradeConfiguration<EventLoopFuture<SignalConnection>>(
      upgradeRequestHead: requestHead, upgraders: [upgrader]
    ) { channel in
      channel.eventLoop.makeCompletedFuture {
        let refusal = channel.eventLoop.makePromise(of: SignalConnectionError.self)
        try channel.pipeline.syncOperations.addHandler(UpgradeRejectionHandler(promise: refusal))
        return refusal.futureResult.flatMapThrowing { throw $0 }
      }
    }
    var configuration = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
    // The server's first message may come in the same segment as its 101.
    configuration.leftOverBytesStrategy = .forwardBytes
    return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: configuration)
      .flatMap { $0 }
  }

  private var requestHead: HTTPRequestHead {
    var headers = HTTPHeaders()
    headers.add(name: "Host", value: endpoint.authority)
    headers.add(name: "User-Agent", value: endpoint.userAgent)
    if !endpoint.token.isEmpty { headers.add(name: "Authorization", value: "Bearer \(endpoint.token)") }
    return HTTPRequestHead(version: .http1_1, method: .GET, uri: endpoint.target, headers: headers)
  }
}

extension SignalConnectionError {
  /// What an error of the transport means.
  init(transport error: any Error) {
    switch error {
    case let error as SignalConnectionError:
      self = error
    case let error as NIOSSLError:
      self = .tls("\(error)", isUntrusted: "\(error)".contains("CERTIFICATE_VERIFY_FAILED"))
    case let error as NIOSSLExtraError:
      self = .tls("\(error)", isUntrusted: error == .failedToValidateHostname)
    case let error as BoringSSLError:
      self = .tls("\(error)", isUntrusted: "\(error)".contains("CERTIFICATE_VERIFY_FAILED"))
    case is NIOHTTPClientUpgradeError, is HTTPParserError:
      self = .notWebSocket
    case let error as NIOWebSocketError:
      self = .protocolViolation("\(error)")
    case let error as NIOConnectionError:
      self = .unreachable("\(error)")
    case let error as ChannelError:
      switch error {
      case .connectTimeout: self = .timedOut
      default: self = .closed(code: nil)
      }
    default:
      self = .unreachable("\(error)")
    }
  }
}

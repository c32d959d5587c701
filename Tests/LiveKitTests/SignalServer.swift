import LiveKitMessages
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import SwiftProtobuf

/// A signalling server on 127.0.0.1 that behaves as it's told.
final class SignalServer: Sendable {
  enum Behaviour: Sendable {
    /// Upgrades, sends the given frames, then gives each of the client's to `script`, which says what to send in return.
    case webSocket([WebSocketFrame], script: @Sendable (WebSocketFrame) -> [WebSocketFrame])
    /// Upgrades, then gives each of the client's requests to `handler` with a way to respond, now or later.
    case live(@Sendable (LKSignalRequest?, @escaping @Sendable (LKSignalResponse) -> Void) -> Void)
    /// Answers with an HTTP status and text.
    case status(HTTPResponseStatus, String)
    /// Answers with these bytes.
    case bytes(String)
    /// Never answers.
    case silence
  }

  let port: Int
  let requests: AsyncStream<HTTPRequestHead>
  let frames: AsyncStream<WebSocketFrame>
  private let channel: any Channel

  private init(
    channel: any Channel, port: Int, requests: AsyncStream<HTTPRequestHead>, frames: AsyncStream<WebSocketFrame>
  ) {
    self.channel = channel
    self.port = port
    self.requests = requests
    self.frames = frames
  }

  static func start(_ behaviour: Behaviour, tls: Bool = false) async throws -> SignalServer {
    let (requests, requestSink) = AsyncStream<HTTPRequestHead>.makeStream()
    let (frames, frameSink) = AsyncStream<WebSocketFrame>.makeStream()
    let context = tls ? try serverTLS() : nil
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          }
          try configure(channel, behaviour, requestSink, frameSink)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return SignalServer(
      channel: channel, port: channel.localAddress?.port ?? 0, requests: requests, frames: frames)
  }

  func stop() async throws {
    try await channel.close()
  }

  private static func serverTLS() throws -> NIOSSLContext {
    let certificates = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificate.certificate.utf8))
    let key = try NIOSSLPrivateKey(bytes: Array(TestCertificate.key.utf8), format: .pem)
    return try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key)))
  }

  private static func configure(
    _ channel: any Channel, _ behaviour: Behaviour, _ requestSink: AsyncStream<HTTPRequestHead>.Continuation,
    _ frameSink: AsyncStream<WebSocketFrame>.Continuation
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    switch behaviour {
    case .webSocket(let first, let script):
      try upgrade(pipeline, requestSink) { channel in
        try channel.pipeline.syncOperations.addHandler(
          ScriptHandler(first: first, script: script, frames: frameSink))
      }
    case .live(let handler):
      try upgrade(pipeline, requestSink) { channel in
        let respond: @Sendable (LKSignalResponse) -> Void = {
          channel.writeAndFlush(WebSocketFrame.response($0), promise: nil)
        }
        try channel.pipeline.syncOperations.addHandler(
          ScriptHandler(
            first: [],
            script: { frame in
              guard frame.opcode == .binary else { return [] }
              let bytes = [UInt8](frame.unmaskedData.readableBytesView)
              if let request = try? LKSignalRequest(serializedBytes: bytes) { handler(request, respond) }
              return []
            }, frames: frameSink))
        handler(nil, respond)
      }
    case .status(let status, let text):
      try pipeline.configureHTTPServerPipeline()
      try pipeline.addHandler(StatusHandler(status: status, text: text, requests: requestSink))
    case .bytes(let bytes):
      try pipeline.addHandler(BytesHandler(bytes: bytes))
    case .silence:
      break
    }
  }
}

private func upgrade(
  _ pipeline: ChannelPipeline.SynchronousOperations, _ requestSink: AsyncStream<HTTPRequestHead>.Continuation,
  _ install: @escaping @Sendable (any Channel) throws -> Void
) throws {
  let upgrader = NIOWebSocketServerUpgrader(
    maxFrameSize: 16 << 20,
    shouldUpgrade: { channel, head in
      requestSink.yield(head)
      return channel.eventLoop.makeSucceededFuture(HTTPHeaders())
    },
    upgradePipelineHandler: { channel, _ in channel.eventLoop.makeCompletedFuture { try install(channel) } })
  try pipeline.configureHTTPServerPipeline(withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
}

extension WebSocketFrame {
  /// A binary frame that holds a response.
  static func response(_ response: LKSignalResponse) -> WebSocketFrame {
    let bytes: [UInt8] = (try? response.serializedBytes()) ?? []
    return WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: bytes))
  }
}

private final class ScriptHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let first: [WebSocketFrame]
  private let script: @Sendable (WebSocketFrame) -> [WebSocketFrame]
  private let frames: AsyncStream<WebSocketFrame>.Continuation

  init(
    first: [WebSocketFrame], script: @escaping @Sendable (WebSocketFrame) -> [WebSocketFrame],
    frames: AsyncStream<WebSocketFrame>.Continuation
  ) {
    self.first = first
    self.script = script
    self.frames = frames
  }

  func handlerAdded(context: ChannelHandlerContext) {
    for frame in first { context.write(wrapOutboundOut(frame), promise: nil) }
    context.flush()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    frames.yield(frame)
    for answer in script(frame) { context.write(wrapOutboundOut(answer), promise: nil) }
    context.flush()
    if frame.opcode == .connectionClose { context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    frames.finish()
  }
}

private final class StatusHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let status: HTTPResponseStatus
  private let text: String
  private let requests: AsyncStream<HTTPRequestHead>.Continuation

  init(status: HTTPResponseStatus, text: String, requests: AsyncStream<HTTPRequestHead>.Continuation) {
    self.status = status
    self.text = text
    self.requests = requests
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): requests.yield(head)
    case .body: break
    case .end:
      let head = HTTPResponseHead(
        version: .http1_1, status: status, headers: ["Content-Length": "\(text.utf8.count)"])
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}

private final class BytesHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let bytes: String

  init(bytes: String) {
    self.bytes = bytes
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: bytes)), promise: nil)
  }
}

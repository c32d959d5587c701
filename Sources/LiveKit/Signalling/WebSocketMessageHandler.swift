import NIOCore
import NIOWebSocket

/// The client's end of a WebSocket (RFC 6455) that carries binary messages: puts fragments together, answers pings and
/// closing, masks what goes out, and holds back reading while the consumer is behind.
final class WebSocketMessageHandler: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = WebSocketFrame

  /// How many messages may wait for the consumer before the socket is no longer read.
  static let maximumWaiting = 64

  private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
  private let firstMessageTimeout: TimeAmount
  private var firstMessageTimer: Scheduled<Void>?
  private var fragments: ByteBuffer?
  private var fragmentsAreBinary = false
  private var waiting = 0
  private var isReadHeld = false
  private var hasSentClose = false
  private var hasEnded = false

  init(
    continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation, firstMessageTimeout: TimeAmount
  ) {
    self.continuation = continuation
    self.firstMessageTimeout = firstMessageTimeout
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    firstMessageTimer = context.eventLoop.scheduleTask(in: firstMessageTimeout) {
      let (handler, context) = handler.value
      handler.end(context, with: .timedOut, closeCode: .goingAway)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    finish(with: .closed(code: nil))
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(with: .closed(code: nil))
    context.fireChannelInactive()
  }

  func read(context: ChannelHandlerContext) {
    if waiting < Self.maximumWaiting { context.read() } else { isReadHeld = true }
  }

  /// The consumer has taken a message.
  func messageConsumed(context: ChannelHandlerContext) {
    waiting -= 1
    guard isReadHeld, waiting < Self.maximumWaiting else { return }
    isReadHeld = false
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasEnded else { return }
    let frame = unwrapInboundIn(data)
    guard frame.maskKey == nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
      return end(context, with: .protocolViolation("a masked or extended frame"), closeCode: .protocolError)
    }
    switch frame.opcode {
    case .binary, .text:
      guard fragments == nil else {
        return end(context, with: .protocolViolation("a message inside a message"), closeCode: .protocolError)
      }
      fragmentsAreBinary = frame.opcode == .binary
      fragments = frame.unmaskedData
      if frame.fin { completeMessage() }
    case .continuation:
      guard var message = fragments else {
        return end(context, with: .protocolViolation("a continuation of nothing"), closeCode: .protocolError)
      }
      var part = frame.unmaskedData
      guard message.readableBytes + part.readableBytes <= SignalDecoder.maximumSize else {
        return end(context, with: .protocolViolation("a message above 2 MiB"), closeCode: .messageTooLarge)
      }
      // Appending in place, not to a copy, so that many small fragments cost no more than one large.
      fragments = nil
      message.writeBuffer(&part)
      fragments = message
      if frame.fin { completeMessage() }
    case .ping:
      write(context, frame: .pong, data: frame.unmaskedData, promise: nil)
    case .connectionClose:
      receiveClose(context, frame.unmaskedData)
    case .pong:
      break
    default:
      end(context, with: .protocolViolation("an unknown kind of frame"), closeCode: .protocolError)
    }
  }

  private func completeMessage() {
    guard let message = fragments else { return }
    fragments = nil
    firstMessageTimer?.cancel()
    // We send binary, so a text message is none of the protocol's; the server only answers in kind.
    guard fragmentsAreBinary else { return }
    waiting += 1
    continuation.yield([UInt8](message.readableBytesView))
  }

  private func receiveClose(_ context: ChannelHandlerContext, _ data: ByteBuffer) {
    var data = data
    let code = data.readInteger(as: UInt16.self)
    if !hasSentClose {
      hasSentClose = true
      var echo = context.channel.allocator.buffer(capacity: 2)
      if let code { echo.writeInteger(code) }
      write(context, frame: .connectionClose, data: echo, promise: nil)
    }
    finish(with: .closed(code: code.map(Int.init)))
    context.close(promise: nil)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !hasSentClose, !hasEnded else {
      promise?.fail(SignalConnectionError.closed(code: nil))
      return
    }
    write(context, frame: .binary, data: unwrapOutboundIn(data), promise: promise)
  }

  private func write(
    _ context: ChannelHandlerContext, frame opcode: WebSocketOpcode, data: ByteBuffer, promise: EventLoopPromise<Void>?
  ) {
    let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
  }

  /// Closes as RFC 6455 §7.1.2 says: our close frame, the server's, then the transport; the transport alone after 1 s.
  func closeNormally(context: ChannelHandlerContext) {
    guard !hasSentClose, !hasEnded else { return }
    sendClose(context, .normalClosure)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(context, with: SignalConnectionError(transport: error), closeCode: .protocolError)
  }

  private func end(_ context: ChannelHandlerContext, with error: SignalConnectionError, closeCode: WebSocketErrorCode) {
    guard !hasEnded else { return }
    finish(with: error)
    sendClose(context, closeCode)
    context.close(promise: nil)
  }

  private func sendClose(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode) {
    guard !hasSentClose else { return }
    hasSentClose = true
    var data = context.channel.allocator.buffer(capacity: 2)
    data.write(webSocketErrorCode: code)
    write(context, frame: .connectionClose, data: data, promise: nil)
  }

  private func finish(with error: SignalConnectionError) {
    guard !hasEnded else { return }
    hasEnded = true
    firstMessageTimer?.cancel()
    fragments = nil
    continuation.finish(throwing: error)
  }
}

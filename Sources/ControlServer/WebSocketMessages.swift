import NIOCore
import NIOWebSocket

/// Turns a WebSocket's frames (RFC 6455), already put together, into messages, and messages into frames. An empty message
/// that is written says goodbye. Keeps the connection alive, and ends it when the peer is silent for long.
final class WebSocketMessages: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = WebSocketFrame

  /// How often a ping is sent.
  static let pingInterval = TimeAmount.seconds(20)
  /// After so many pings without anything from the peer the connection ends.
  static let silentPings = 3

  private var pingTask: RepeatedTask?
  private var pingCount = 0
  private var isClosing = false

  func handlerAdded(context: ChannelHandlerContext) {
    let this = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    pingTask = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.pingInterval, delay: Self.pingInterval) { _ in
      let (handler, context) = this.value
      handler.ping(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { pingTask?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    pingTask?.cancel()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A frame that breaks the protocol, or a message that is too long: there is no way back.
    close(context, .protocolError)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    pingCount = 0
    switch frame.opcode {
    case .text, .binary: context.fireChannelRead(wrapInboundOut(frame.unmaskedData))
    case .ping: send(context, .pong, frame.unmaskedData)
    case .connectionClose: close(context, .normalClosure)
    default: break
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let message = unwrapOutboundIn(data)
    guard message.readableBytes > 0 else {
      var reason = context.channel.allocator.buffer(capacity: 2)
      reason.write(webSocketErrorCode: .goingAway)
      let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: reason)
      isClosing = true
      return context.write(wrapOutboundOut(frame), promise: promise)
    }
    context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: message)), promise: promise)
  }

  private func ping(_ context: ChannelHandlerContext) {
    guard pingCount < Self.silentPings else { return context.close(promise: nil) }
    pingCount += 1
    send(context, .ping, ByteBuffer())
  }

  private func close(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode) {
    if !isClosing {
      isClosing = true
      var reason = context.channel.allocator.buffer(capacity: 2)
      reason.write(webSocketErrorCode: code)
      send(context, .connectionClose, reason)
    }
    context.close(promise: nil)
  }

  private func send(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ data: ByteBuffer) {
    context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
  }
}

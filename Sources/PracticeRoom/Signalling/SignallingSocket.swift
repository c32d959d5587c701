import LiveKitMessages
import NIOCore
import NIOWebSocket
import SwiftProtobuf

/// One client's WebSocket (RFC 6455), with LiveKit's messages in it. Confined to its event loop.
final class SignallingSocket: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  /// A PING goes out so often, as at LiveKit's server.
  static let pingInterval = TimeAmount.seconds(10)
  /// Messages that came before anybody took them, at most; a client sends a few before it is let in.
  static let earlyLimit = 256

  /// Takes the client's messages. Those that came before go to it at once.
  var onRequest: ((LKSignalRequest) -> Void)? {
    didSet {
      guard let onRequest else { return }
      let waiting = early
      early.removeAll()
      for request in waiting { onRequest(request) }
    }
  }
  /// The socket is closed.
  var onClose: (() -> Void)? {
    didSet { if isClosed { onClose?() } }
  }

  private let channel: any Channel
  private var isText = false
  private var fragments: (data: ByteBuffer, isText: Bool)?
  private var early: [LKSignalRequest] = []
  private var pingTask: RepeatedTask?
  private var isClosed = false

  init(_ channel: any Channel) {
    self.channel = channel
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let socket = NIOLoopBound(self, eventLoop: context.eventLoop)
    pingTask = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.pingInterval, delay: Self.pingInterval) { _ in
      socket.value.write(.ping, ByteBuffer())
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    closed()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A frame that breaks the protocol: there is no way back to the frames' boundaries.
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.opcode {
    case .text, .binary:
      fragments = (frame.unmaskedData, frame.opcode == .text)
      if frame.fin { completeMessage() }
    case .continuation:
      guard case (var data, let isText)? = fragments else { return }
      guard data.readableBytes + frame.length <= SignallingServer.maximumMessageSize else {
        return context.close(promise: nil)
      }
      var part = frame.unmaskedData
      data.writeBuffer(&part)
      fragments = (data, isText)
      if frame.fin { completeMessage() }
    case .ping: write(.pong, frame.unmaskedData)
    case .connectionClose:
      write(.connectionClose, frame.unmaskedData)
      context.close(promise: nil)
    default: break
    }
  }

  private func completeMessage() {
    guard let (data, isText) = fragments else { return }
    fragments = nil
    self.isText = isText
    let bytes = Array(data.readableBytesView)
    // What isn't a message is passed over, as are unknown ones.
    let request =
      isText ? try? LKSignalRequest(jsonUTF8Bytes: bytes, options: Self.jsonOptions) : try? LKSignalRequest(serializedBytes: bytes)
    guard let request else { return }
    if let onRequest { onRequest(request) } else if early.count < Self.earlyLimit { early.append(request) }
  }

  private static var jsonOptions: JSONDecodingOptions {
    var options = JSONDecodingOptions()
    options.ignoreUnknownFields = true
    return options
  }

  /// Sends a message, in the form in which the client last wrote.
  func send(_ message: LKSignalResponse.OneOf_Message) {
    let response = LKSignalResponse.with { $0.message = message }
    let bytes: [UInt8]? = isText ? try? response.jsonUTF8Bytes() : try? response.serializedBytes()
    guard let bytes else { return }
    write(isText ? .text : .binary, channel.allocator.buffer(bytes: bytes))
  }

  /// Closes the socket in the normal way.
  func close() {
    guard !isClosed else { return }
    var reason = channel.allocator.buffer(capacity: 2)
    reason.write(webSocketErrorCode: .normalClosure)
    write(.connectionClose, reason)
    channel.close(promise: nil)
  }

  private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
    guard !isClosed else { return }
    channel.writeAndFlush(WebSocketFrame(fin: true, opcode: opcode, data: data), promise: nil)
  }

  private func closed() {
    guard !isClosed else { return }
    isClosed = true
    pingTask?.cancel()
    onClose?()
    onClose = nil
    onRequest = nil
  }
}

import NIOCore
import NIOHTTP1

/// Collects what the server answers instead of becoming a WebSocket.
final class UpgradeRejectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  /// How much of the text is kept; it's a sentence.
  static let maximumBody = 4_096

  private let promise: EventLoopPromise<SignalConnectionError>
  private var status = 0
  private var body: [UInt8] = []

  init(promise: EventLoopPromise<SignalConnectionError>) {
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      status = Int(head.status.code)
    case .body(let part):
      body += part.readableBytesView.prefix(Self.maximumBody - body.count)
      if body.count == Self.maximumBody { finish(context) }
    case .end:
      finish(context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(context)
  }

  private func finish(_ context: ChannelHandlerContext) {
    // Without a status the answer wasn't HTTP at all.
    let text = String(decoding: body, as: UTF8.self)
    promise.succeed(status == 0 || status == 101 ? .notWebSocket : .rejected(status: status, body: text))
    context.close(promise: nil)
  }
}

import Control
import NIOCore

/// One peer's connection, whatever it goes over: bytes, or whole messages, to a session and from it.
struct SessionConnection {
  /// Most that is handed over at once of a stream, bytes. What a session answers to it must fit into `ChannelOutlet.limit`:
  /// each command may have some thirty kilobytes for an answer.
  static let pieceLength = 512

  let channel: NIOAsyncChannel<ByteBuffer, Never>
  let center: ControlCenter
  /// Whether each buffer is a message, to be handed over as a whole.
  var isMessageBased = false

  /// Serves `session` until it ends, the peer is gone, or the task is cancelled.
  func run(_ session: any ControlSession) async {
    let outlet = ChannelOutlet(channel.channel)
    // An error is the peer's end.
    try? await channel.executeThenClose { inbound in
      guard let number = await center.open(session, outlet: { outlet.take($0) }) else { return }
      try? await read(inbound, number, outlet)
      await center.close(number)
      outlet.end()
      try? await channel.channel.closeFuture.get()
    }
  }

  private func read(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ number: Int, _ outlet: ChannelOutlet
  ) async throws {
    for try await buffer in inbound {
      var rest = buffer
      while rest.readableBytes > 0 {
        let length = isMessageBased ? rest.readableBytes : min(rest.readableBytes, Self.pieceLength)
        guard let piece = rest.readBytes(length: length) else { return }
        await center.receive(piece, from: number)
        guard await center.readable(number) else { return }
        await outlet.drained()
      }
    }
  }
}

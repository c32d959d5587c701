import NIOCore
import NIOPosix
import WebRTC

/// One bound UDP socket on the event loop: reads many datagrams a system call and hands them up, writes many a flush.
final class DatagramSocket: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  /// The address it is bound to.
  let local: WebRTC.SocketAddress
  private let channel: any Channel
  private let onDatagram: (UnsafeRawBufferPointer, TransportPath) -> Void
  private let onReadComplete: () -> Void

  // Outgoing datagrams are copied into these. After a flush the first comes round again, which NIO has let go of by then
  // (or else copies itself, when the system took nothing), so that writing allocates nothing and stays in the cache.
  private var buffers: [ByteBuffer] = []
  private var next = 0
  private var remotes: [WebRTC.SocketAddress: NIOCore.SocketAddress] = [:]
  // Nearly all datagrams go to one peer.
  private var lastRemote: (address: WebRTC.SocketAddress, converted: NIOCore.SocketAddress)?
  private var hasUnflushed = false

  private init(
    channel: any Channel, local: WebRTC.SocketAddress,
    onDatagram: @escaping (UnsafeRawBufferPointer, TransportPath) -> Void, onReadComplete: @escaping () -> Void
  ) {
    self.channel = channel
    self.local = local
    self.onDatagram = onDatagram
    self.onReadComplete = onReadComplete
  }

  // More than a key frame's packets.
  private static let maximumBufferCount = 256
  // Datagrams read with one `recvmmsg`, and the memory for each.
  private static let readBatch = 32
  // Peers whose converted address is remembered; beyond it (a scan, an attack) all are forgotten.
  private static let maximumRemotes = 64

  /// Binds a socket to `address` (port 0: any) on `eventLoop`; must be called there.
  static func bind(
    to address: NIOCore.SocketAddress, on eventLoop: any EventLoop,
    onDatagram: @escaping (UnsafeRawBufferPointer, TransportPath) -> Void, onReadComplete: @escaping () -> Void
  ) -> EventLoopFuture<DatagramSocket> {
    let callbacks = NIOLoopBound((onDatagram, onReadComplete), eventLoop: eventLoop)
    return DatagramBootstrap(group: eventLoop)
      .channelOption(.datagramVectorReadMessageCount, value: readBatch)
      .channelOption(
        .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readBatch * PacketBuffer.capacity)
      )
      .channelOption(.maxMessagesPerRead, value: 1)
      .bind(to: address)
      .flatMapThrowing { channel in
        guard let bound = channel.localAddress, let local = WebRTC.SocketAddress(bound) else {
          throw ChannelError.unknownLocalAddress
        }
        let (onDatagram, onReadComplete) = callbacks.value
        let socket = DatagramSocket(
          channel: channel, local: local, onDatagram: onDatagram, onReadComplete: onReadComplete)
        try channel.pipeline.syncOperations.addHandler(socket)
        return NIOLoopBound(socket, eventLoop: eventLoop)
      }
      .map { $0.value }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = Self.unwrapInboundIn(data)
    guard let remote = WebRTC.SocketAddress(envelope.remoteAddress) else { return }
    envelope.data.withUnsafeReadableBytes { onDatagram($0, TransportPath(local: local, remote: remote)) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    onReadComplete()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // ICMP's "port unreachable" and its like surface here; ICE finds out by itself which paths work.
  }

  /// Queues a datagram; `flush` sends what is queued.
  func write(_ bytes: UnsafeRawBufferPointer, to remote: WebRTC.SocketAddress) {
    guard let address = nioAddress(of: remote) else { return }
    if next == buffers.count { buffers.append(channel.allocator.buffer(capacity: PacketBuffer.capacity)) }
    buffers[next].clear()
    buffers[next].writeBytes(bytes)
    channel.write(AddressedEnvelope(remoteAddress: address, data: buffers[next]), promise: nil)
    next = (next + 1) % Self.maximumBufferCount
    hasUnflushed = true
  }

  /// Sends what is queued, many datagrams a system call.
  func flush() {
    guard hasUnflushed else { return }
    hasUnflushed = false
    channel.flush()
    next = 0
  }

  /// Closes the socket.
  func close() {
    channel.close(promise: nil)
  }

  private func nioAddress(of remote: WebRTC.SocketAddress) -> NIOCore.SocketAddress? {
    if let lastRemote, lastRemote.address == remote { return lastRemote.converted }
    guard let converted = remembered(remote) else { return nil }
    lastRemote = (remote, converted)
    return converted
  }

  private func remembered(_ remote: WebRTC.SocketAddress) -> NIOCore.SocketAddress? {
    if let known = remotes[remote] { return known }
    if remotes.count >= Self.maximumRemotes { remotes.removeAll(keepingCapacity: true) }
    guard let address = try? remote.makeNIOAddress() else { return nil }
    remotes[remote] = address
    return address
  }
}

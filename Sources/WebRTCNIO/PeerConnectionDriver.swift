import Logging
import NIOCore
import NIOPosix
import Realtime
import WebRTC

/// Runs one `PeerConnection`: owns its UDP sockets and its clock, on one event loop. Nothing else touches the connection.
///
/// Control goes in through `perform`, events come out through `onEvent`. Media threads call `wake()`, upon which the
/// connection asks its media sources for what they have.
public final class PeerConnectionDriver: Sendable {
  /// The loop that everything runs on.
  public let eventLoop: any EventLoop
  private let core: NIOLoopBoundBox<Core?>
  private let wakeTask: @Sendable () -> Void

  /// Starts a connection on `eventLoop` with a socket on each of the addresses that `interfaces` names.
  /// - Parameters:
  ///   - configuration: of the connection.
  ///   - onEvent: called on the loop with each event of the connection.
  /// - Throws: `PeerConnectionDriverError.noAddress` when not one socket could be bound.
  public static func start(
    configuration: PeerConnection.Configuration, interfaces: NetworkInterfaces, on eventLoop: any EventLoop,
    logger: Logger, onEvent: @escaping @Sendable (PeerConnectionEvent) -> Void
  ) async throws -> PeerConnectionDriver {
    let addresses = try interfaces.addresses()
    let driver = PeerConnectionDriver(
      configuration: configuration, on: eventLoop, logger: logger, onEvent: onEvent)
    var bound = 0
    for address in addresses {
      do {
        try await driver.bind(to: address)
        bound += 1
      } catch {
        logger.warning("a network address can't be used for media", metadata: ["error": "\(error)"])
      }
    }
    guard bound > 0 else {
      await driver.close()
      throw PeerConnectionDriverError.noAddress
    }
    return driver
  }

  private init(
    configuration: PeerConnection.Configuration, on eventLoop: any EventLoop, logger: Logger,
    onEvent: @escaping @Sendable (PeerConnectionEvent) -> Void
  ) {
    self.eventLoop = eventLoop
    let box = NIOLoopBoundBox<Core?>.makeBoxSendingValue(nil, eventLoop: eventLoop)
    core = box
    wakeTask = { box.value?.wake() }
    eventLoop.execute {
      box.value = Core(
        connection: PeerConnection(configuration: configuration, at: MonotonicClock.now), eventLoop: eventLoop,
        logger: logger, onEvent: onEvent)
    }
  }

  private func bind(to address: NIOCore.SocketAddress) async throws {
    try await eventLoop.flatSubmit { [core, eventLoop] () -> EventLoopFuture<Void> in
      guard let core = core.value else { return eventLoop.makeFailedFuture(PeerConnectionDriverError.closed) }
      return core.bind(to: address)
    }.get()
  }

  /// Runs `body` with the connection on the event loop, then sends what is due.
  /// - Throws: what `body` throws, or `PeerConnectionDriverError.closed`.
  public func perform<Result: Sendable>(
    _ body: @escaping @Sendable (PeerConnection, Instant) throws -> Result
  ) async throws -> Result {
    try await eventLoop.submit { [core] in
      guard let core = core.value else { throw PeerConnectionDriverError.closed }
      return try core.perform(body)
    }.get()
  }

  /// Tells the loop that media waits. From any thread; allocates nothing.
  public func wake() {
    eventLoop.execute(wakeTask)
  }

  /// Closes the connection (the peer is told by DTLS) and its sockets. Safe to call twice.
  public func close() async {
    try? await eventLoop.submit { [core] in
      core.value?.close()
      core.value = nil
    }.get()
  }
}

/// Why a driver can't serve.
public enum PeerConnectionDriverError: Error, Hashable, Sendable {
  /// No interface has an address on which a socket could be bound: no network.
  case noAddress
  /// The driver was closed.
  case closed
}

/// The part of the driver that lives on the event loop.
private final class Core {
  private let connection: PeerConnection
  private let eventLoop: any EventLoop
  private let logger: Logger
  private let onEvent: (PeerConnectionEvent) -> Void
  private var sockets: [WebRTC.SocketAddress: DatagramSocket] = [:]
  private var timer: Scheduled<Void>?
  private var timerDeadline = Instant.distantFuture
  private var isClosed = false
  private let incoming = PacketBuffer()

  init(
    connection: PeerConnection, eventLoop: any EventLoop, logger: Logger,
    onEvent: @escaping (PeerConnectionEvent) -> Void
  ) {
    self.connection = connection
    self.eventLoop = eventLoop
    self.logger = logger
    self.onEvent = onEvent
  }

  func bind(to address: NIOCore.SocketAddress) -> EventLoopFuture<Void> {
    let core = NIOLoopBound(self, eventLoop: eventLoop)
    return DatagramSocket.bind(
      to: address, on: eventLoop,
      onDatagram: { [weak self] bytes, path in self?.receive(bytes, on: path) },
      onReadComplete: { [weak self] in self?.drain() }
    ).assumeIsolated().map { socket in
      let core = core.value
      guard !core.isClosed else { return socket.close() }
      core.sockets[socket.local] = socket
      core.connection.addLocalSocket(socket.local, at: MonotonicClock.now)
      core.drain()
    }.nonisolated()
  }

  func perform<Result>(_ body: (PeerConnection, Instant) throws -> Result) throws -> Result {
    defer { drain() }
    return try body(connection, MonotonicClock.now)
  }

  func wake() {
    connection.sendPendingMedia(at: MonotonicClock.now)
    drain()
  }

  func close() {
    guard !isClosed else { return }
    connection.close(at: MonotonicClock.now)
    drain()
    isClosed = true
    timer?.cancel()
    for socket in sockets.values { socket.close() }
    sockets.removeAll()
  }

  private func receive(_ bytes: UnsafeRawBufferPointer, on path: TransportPath) {
    // NIO's memory is shared between the datagrams of one read; SRTP decrypts in place, so in memory of our own.
    guard !isClosed, incoming.assign(bytes) else { return }
    connection.receive(incoming, on: path, at: MonotonicClock.now)
  }

  /// The connection's drain contract: packets, events, then the next deadline.
  private func drain() {
    guard !isClosed else { return }
    var socket: DatagramSocket?
    while let packet = connection.pollTransmit() {
      if socket?.local != packet.path.local { socket = sockets[packet.path.local] }
      socket?.write(packet.buffer.bytes, to: packet.path.remote)
      connection.recycle(packet.buffer)
    }
    for socket in sockets.values { socket.flush() }
    while let event = connection.pollEvent() { onEvent(event) }
    schedule(connection.nextDeadline)
  }

  // A timer that is already due earlier stays: it finds nothing to do and sets the next one. Steady traffic, which moves
  // the deadline with every packet, so doesn't make a timer a packet.
  private func schedule(_ deadline: Instant) {
    guard deadline < timerDeadline, deadline != .distantFuture else { return }
    timer?.cancel()
    timerDeadline = deadline
    let delay = max(0, (deadline - MonotonicClock.now).nanoseconds)
    timer = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(delay)) { [weak self] in self?.timerFired() }
  }

  private func timerFired() {
    timerDeadline = .distantFuture
    let now = MonotonicClock.now
    if connection.nextDeadline <= now { connection.handleTimeout(at: now) }
    drain()
  }
}

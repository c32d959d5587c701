import Logging
import NIOCore
import Realtime
import WebRTC
import WebRTCNIO

/// One peer connection to a client, with access to it from the room, which lives on the same event loop.
///
/// The driver owns sockets and clock; the room calls the connection directly and then has the driver send (`flush`).
/// Confined to the event loop.
final class Peer {
  /// The connection.
  let connection: PeerConnection
  private let driver: PeerConnectionDriver
  private let pending: NIOLoopBound<Pending>
  private let began: @Sendable () -> Void

  /// Whether the driver has been told already.
  private final class Pending {
    var isWoken = false
  }

  private init(driver: PeerConnectionDriver, connection: PeerConnection, on eventLoop: any EventLoop) {
    self.driver = driver
    self.connection = connection
    let pending = NIOLoopBound(Pending(), eventLoop: eventLoop)
    self.pending = pending
    began = { pending.value.isWoken = false }
  }

  /// Starts a connection on `eventLoop` with a loopback socket.
  /// - Parameter onEvent: called on the event loop.
  static func start(
    _ configuration: PeerConnection.Configuration, on eventLoop: any EventLoop, logger: Logger,
    onEvent: @escaping @Sendable (PeerConnectionEvent) -> Void
  ) async throws -> NIOLoopBound<Peer> {
    let driver = try await PeerConnectionDriver.start(
      configuration: configuration, interfaces: .loopback, on: eventLoop, logger: logger, onEvent: onEvent)
    return try await driver.perform { connection, _ in
      NIOLoopBound(Peer(driver: driver, connection: connection, on: eventLoop), eventLoop: eventLoop)
    }
  }

  /// Sends what the last calls on the connection left to be sent, as soon as the event loop is done with what it is at:
  /// a picture's packets, which come in one go, wake the driver once and go out together.
  func flush() {
    guard !pending.value.isWoken else { return }
    pending.value.isWoken = true
    pending.eventLoop.execute(began)
    driver.wake()
  }

  /// Closes the connection and its sockets.
  func close() async {
    await driver.close()
  }

  /// What closes the connection from elsewhere.
  var closer: @Sendable () async -> Void {
    { [driver] in await driver.close() }
  }
}

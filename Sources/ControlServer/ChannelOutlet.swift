import NIOCore
import Synchronization

/// What a session sends through: writes to a channel, counts what the peer hasn't taken yet, and gives up on those who let
/// it grow.
final class ChannelOutlet: Sendable {
  /// What a peer may be owed, bytes. More than the answers to a piece of what it sent (`SessionConnection.pieceLength`).
  static let limit = 4 * 1_048_576
  /// Below this, more may be read from the peer.
  static let low = 65_536
  /// How long the last bytes may take after the session's end.
  static let drainTime = TimeAmount.seconds(2)

  private struct State {
    var pendingCount = 0
    var isOver = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let channel: any Channel
  private let write: @Sendable (ByteBuffer) -> EventLoopFuture<Void>
  private let state = Mutex(State())

  /// An outlet to `channel`.
  /// - Parameter write: writes to it, and flushes.
  init(_ channel: any Channel, write: @escaping @Sendable (ByteBuffer) -> EventLoopFuture<Void>) {
    self.channel = channel
    self.write = write
    // Nobody waits for a channel that is gone.
    channel.closeFuture.whenComplete { [self] _ in
      let waiters = state.withLock { state in
        state.isOver = true
        defer { state.waiters = [] }
        return state.waiters
      }
      for waiter in waiters { waiter.resume() }
    }
  }

  /// An outlet to a channel that takes bytes.
  convenience init(_ channel: any Channel) { self.init(channel) { channel.writeAndFlush($0) } }

  /// Sends bytes; without any, ends the connection when all is sent. False when the peer is owed too much, or is gone.
  func take(_ bytes: [UInt8]?) -> Bool {
    guard let bytes else {
      end()
      return true
    }
    let count = bytes.count
    let isTaken = state.withLock { state in
      guard !state.isOver, state.pendingCount + count <= Self.limit else { return false }
      state.pendingCount += count
      return true
    }
    guard isTaken else { return false }
    write(ByteBuffer(bytes: bytes)).whenComplete { [self] _ in written(count) }
    return true
  }

  /// Ends the connection when all is sent, or the peer doesn't take it.
  func end() {
    state.withLock { $0.isOver = true }
    let channel = channel
    write(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
    let timeout = channel.eventLoop.scheduleTask(in: Self.drainTime) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in timeout.cancel() }
  }

  /// Waits until the peer has taken most of what it is owed, or is gone.
  func drained() async {
    await withCheckedContinuation { waiter in
      let isDrained = state.withLock { state in
        guard !state.isOver, state.pendingCount > Self.low else { return true }
        state.waiters.append(waiter)
        return false
      }
      if isDrained { waiter.resume() }
    }
  }

  private func written(_ count: Int) {
    let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
      state.pendingCount -= count
      guard state.pendingCount <= Self.low else { return [] }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}

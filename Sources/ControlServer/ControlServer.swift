import Control
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The network and serial faces of the control tree: terminals by TCP over TLS and on serial ports, and HTTPS with JSON-RPC
/// over WebSocket and REST. It moves bytes; what they mean is known by the sessions of `Control`.
public final class ControlServer: Sendable {
  /// Where the server listens.
  public struct Ports: Hashable, Sendable {
    /// The port of terminals; nil when there is none.
    public var terminal: Int?
    /// The port of HTTPS; nil when there is none.
    public var https: Int?
  }

  private struct State {
    var ports: Result<Ports, any Error>?
    var waiters: [CheckedContinuation<Ports, any Error>] = []
  }

  private let center: ControlCenter
  private let configuration: ControlServerConfiguration
  private let group: any EventLoopGroup
  private let logger: Logger
  private let state = Mutex(State())

  /// A server that doesn't listen yet.
  public init(
    center: ControlCenter, configuration: ControlServerConfiguration, logger: Logger,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    self.center = center
    self.configuration = configuration
    self.logger = logger
    self.group = group
  }

  /// Listens and serves until the task is cancelled; then ends all connections.
  ///
  /// To be called once.
  /// - Throws: `ControlServerError` when it can't begin; nothing listens then.
  public func run() async throws {
    let listeners: [any Listener]
    do {
      listeners = try await listen()
    } catch {
      publish(.failure(error))
      throw error
    }
    await withTaskGroup { tasks in
      tasks.addTask { [center] in await SessionClock(center: center).run() }
      for listener in listeners { tasks.addTask { await listener.run() } }
      await tasks.waitForAll()
    }
  }

  /// Where the server listens; waits until it does.
  /// - Throws: what `run` throws.
  public var ports: Ports {
    get async throws {
      try await withCheckedThrowingContinuation { waiter in
        let ports: Result<Ports, any Error>? = state.withLock { state in
          if state.ports == nil { state.waiters.append(waiter) }
          return state.ports
        }
        if let ports { waiter.resume(with: ports) }
      }
    }
  }

  private func publish(_ ports: Result<Ports, any Error>) {
    let waiters = state.withLock { state in
      state.ports = ports
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume(with: ports) }
  }

  private func listen() async throws(ControlServerError) -> [any Listener] {
    var ports = Ports()
    var listeners: [any Listener] = []
    let needsTLS = configuration.terminal != nil || configuration.https != nil
    let context = needsTLS ? try TLSFiles(configuration).context() : nil
    if let address = configuration.terminal, let context {
      let listener = try await TerminalListener(
        address, center: center, options: options, context: context, group: group, logger: logger)
      ports.terminal = listener.port
      listeners.append(listener)
    }
    if let address = configuration.https, let context {
      let listener = try await HTTPSListener(
        address, center: center, configuration: configuration, context: context, group: group, logger: logger)
      ports.https = listener.port
      listeners.append(listener)
    }
    for port in configuration.serial {
      listeners.append(
        SerialFace(settings: port, center: center, options: options, group: group, logger: logger))
    }
    publish(.success(ports))
    return listeners
  }

  private var options: TerminalOptions {
    TerminalOptions(
      endsWithSession: true, language: configuration.language, name: configuration.roomName,
      version: configuration.version)
  }
}

/// Something that peers come to.
protocol Listener: Sendable {
  /// Serves until the task is cancelled, or nothing can come any more.
  func run() async
}

import Hummingbird
import Logging
import NIOCore

/// The HTTP server of the instance's API, from its start to its end.
final class VisioService: Sendable {
  /// The port that it listens on.
  let port: Int
  private let task: Task<Void, any Error>

  private init(port: Int, task: Task<Void, any Error>) {
    self.port = port
    self.task = task
  }

  /// Listens on 127.0.0.1 and serves until `stop`.
  static func start(
    port: Int, backend: VisioServer.Backend, on group: any EventLoopGroup, logger: Logger
  ) async throws -> VisioService {
    // Cancelling is how it is stopped, and the one thing that the library would call an error; the rest is thrown.
    var logger = logger
    logger.logLevel = .critical
    let (ports, started) = AsyncThrowingStream.makeStream(of: Int.self)
    let application = Application(
      router: VisioServer(backend: backend).makeRouter(),
      configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: nil),
      onServerRunning: { channel in
        started.yield(channel.localAddress?.port ?? port)
        started.finish()
      },
      eventLoopGroupProvider: .shared(group), logger: logger)
    let task = Task {
      do {
        try await application.run()
        started.finish()
      } catch {
        started.finish(throwing: error)
        throw error
      }
    }
    for try await bound in ports { return VisioService(port: bound, task: task) }
    task.cancel()
    throw PracticeRoomError.portUnavailable("the server ended at once")
  }

  /// Ends the server.
  func stop() async {
    task.cancel()
    _ = await task.result
  }
}

extension VisioServer.Backend {
  /// The backend that the practice room is.
  init(_ server: RoomServer, _ settings: PracticeSettings, mediaURL: String) {
    self.init(
      facts: {
        let options = settings.current
        return VisioServer.Facts(
          id: server.roomID, slug: options.code, name: options.name, accessLevel: options.accessLevel,
          mediaURL: mediaURL, behaviour: options.behaviour)
      },
      makeToken: { identity, name in server.makeToken(identity: identity, name: name) },
      requestEntry: { id, name in
        let isOpen = settings.current.accessLevel == .public
        let answer = try? await server.lobby { lobby, now in
          let (status, isNew) = lobby.request(id: id, name: name, isOpen: isOpen, at: now)
          return Answer(status: status, isNew: isNew)
        }
        if answer?.isNew == true { await server.announceWaiting() }
        return answer?.status ?? .waiting
      },
      verify: { token in server.verify(token) },
      setHand: { identity, raised in await server.setHand(identity: identity, raised: raised) },
      rename: { identity, name in await server.rename(identity: identity, to: name) })
  }

  private struct Answer: Sendable {
    var status: Lobby.Status
    var isNew: Bool
  }
}

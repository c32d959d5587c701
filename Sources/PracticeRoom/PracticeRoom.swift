import LiveKitMessages
import Logging
import NIOCore
import NIOPosix
import Realtime

/// A meeting inside of the box: a stand-in for a Visio instance and its LiveKit server, with participants, for
/// installers who prove a room without a network, for demonstrations and for tests. Clients join it as they join a real
/// one. It listens on 127.0.0.1 only.
public final class PracticeRoom: Sendable {
  /// Base URL of the Visio instance, such as `http://127.0.0.1:8071`.
  public let url: String
  /// The code of the meeting.
  public let code: String
  /// URL of the media server.
  public let mediaURL: String

  let server: RoomServer
  let settings: PracticeSettings
  private let signalling: SignallingServer
  private let instance: VisioService
  private let cast: NIOLoopBound<Cast>
  private let studio: Studio
  private let group: MultiThreadedEventLoopGroup

  private init(
    settings: PracticeSettings, server: RoomServer, signalling: SignallingServer, instance: VisioService,
    cast: NIOLoopBound<Cast>, studio: Studio, mediaURL: String, group: MultiThreadedEventLoopGroup
  ) {
    url = "http://127.0.0.1:\(instance.port)"
    code = settings.current.code
    self.mediaURL = mediaURL
    self.server = server
    self.settings = settings
    self.signalling = signalling
    self.instance = instance
    self.cast = cast
    self.studio = studio
    self.group = group
  }

  /// Starts a room.
  /// - Throws: when a port is taken, or media can't be set up; nothing is left running then.
  public static func start(
    _ options: PracticeRoomOptions = PracticeRoomOptions(), logger: Logger = Logger(label: "salle.practice")
  ) async throws(PracticeRoomError) -> PracticeRoom {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do throws(PracticeRoomError) {
      return try await start(options, on: group, logger)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private static func start(
    _ options: PracticeRoomOptions, on group: MultiThreadedEventLoopGroup, _ logger: Logger
  ) async throws(PracticeRoomError) -> PracticeRoom {
    let eventLoop = group.next()
    let settings = PracticeSettings(options)
    let server = try await RoomServer.make(settings, on: eventLoop, logger: logger)
    let signalling: SignallingServer
    do {
      signalling = try await SignallingServer.start(
        port: options.mediaPort, on: eventLoop, delegate: server.delegate, logger: logger)
    } catch {
      await server.stop(.serverShutdown)
      throw .portUnavailable("\(error)")
    }
    let mediaURL = "http://127.0.0.1:\(signalling.port)/"
    let instance: VisioService
    do {
      // On the process's shared loops: the library lets go of its channels some time after it has returned, when a
      // loop of the room's own would be gone.
      instance = try await VisioService.start(
        port: options.port, backend: .init(server, settings, mediaURL: mediaURL),
        on: MultiThreadedEventLoopGroup.singleton, logger: logger)
    } catch {
      await server.stop(.serverShutdown)
      await signalling.stop()
      throw .portUnavailable("\(error)")
    }
    do {
      let (cast, studio) = try await startCast(options, server, logger)
      return PracticeRoom(
        settings: settings, server: server, signalling: signalling, instance: instance, cast: cast, studio: studio,
        mediaURL: mediaURL, group: group)
    } catch {
      await server.stop(.serverShutdown)
      await signalling.stop()
      await instance.stop()
      throw .mediaUnavailable("\(error)")
    }
  }

  private static func startCast(
    _ options: PracticeRoomOptions, _ server: RoomServer, _ logger: Logger
  ) async throws -> (NIOLoopBound<Cast>, Studio) {
    let epoch = MonotonicClock.now
    let eventLoop = server.eventLoop
    let (cast, actors) = try await server.perform { room in
      let cast = Cast(options, room: room, at: epoch)
      cast.start()
      return (NIOLoopBound(cast, eventLoop: eventLoop), cast.actors)
    }
    let pump: @Sendable () -> Void = { cast.value.pump() }
    let studio = try Studio(actors, options: options, epoch: epoch, logger: logger) { eventLoop.execute(pump) }
    return (cast, studio)
  }

  /// The link that a person gets who is invited as `name`.
  public func invite(_ name: String) -> String {
    "\(url)/\(code)?username=\(PercentEncoding.encode(name))"
  }

  /// Ends the meeting: everybody is told, all sockets and threads are gone when this returns.
  public func stop() async {
    studio.stop()
    try? await server.eventLoop.submit { [cast] in cast.value.stop() }.get()
    // First those who may still be let in, then the room, and last what it runs on.
    await signalling.refuse()
    await server.stop(.serverShutdown)
    await signalling.stop()
    await instance.stop()
    try? await group.shutdownGracefully()
  }
}

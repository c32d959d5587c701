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
  private let group: MultiThreadedEventLoopGroup

  private init(
    settings: PracticeSettings, server: RoomServer, signalling: SignallingServer, instance: VisioService,
    mediaURL: String, group: MultiThreadedEventLoopGroup
  ) {
    url = "http://127.0.0.1:\(instance.port)"
    code = settings.current.code
    self.mediaURL = mediaURL
    self.server = server
    self.settings = settings
    self.signalling = signalling
    self.instance = instance
    self.group = group
  }

  /// Starts a room.
  /// - Throws: when a port is taken, or media can't be set up; nothing is left running then.
  public static func start(
    _ options: PracticeRoomOptions = PracticeRoomOptions(), logger: Logger = Logger(label: "salle.practice")
  ) async throws(PracticeRoomError) -> PracticeRoom {
    // One loop for the meeting and its media, one for the participants' voices, one for their pictures.
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
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
    let server = try await RoomServer.make(lobbyPolicy: options.lobbyPolicy, on: eventLoop, logger: logger)
    let signalling: SignallingServer
    do {
      signalling = try await SignallingServer.start(
        port: options.mediaPort, on: eventLoop, delegate: server.delegate, logger: logger)
    } catch {
      await server.stop(.serverShutdown)
      throw .portUnavailable("\(error)")
    }
    let mediaURL = "http://127.0.0.1:\(signalling.port)/"
    let settings = PracticeSettings(options)
    do {
      let instance = try await VisioService.start(
        port: options.port, backend: .init(server, settings, mediaURL: mediaURL), on: group, logger: logger)
      return PracticeRoom(
        settings: settings, server: server, signalling: signalling, instance: instance, mediaURL: mediaURL,
        group: group)
    } catch {
      await server.stop(.serverShutdown)
      await signalling.stop()
      throw .portUnavailable("\(error)")
    }
  }

  /// The link that a person gets who is invited as `name`.
  public func invite(_ name: String) -> String {
    "\(url)/\(code)?username=\(PercentEncoding.encode(name))"
  }

  /// Ends the meeting: everybody is told, all sockets and threads are gone when this returns.
  public func stop() async {
    await server.stop(.serverShutdown)
    await signalling.stop()
    await instance.stop()
    try? await group.shutdownGracefully()
  }
}

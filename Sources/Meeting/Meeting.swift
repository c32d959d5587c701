import Audio
import Catalogue
import HTTPExchange
import LiveKit
import Logging
import NIOCore
import Realtime
import Video
import Visio
import WebRTC

/// One meeting from its code to its end: asks Visio for the way in, waits at the door, joins the media server, sends the
/// room's camera and microphone, receives everybody else and shows them.
///
/// `run()` does all of it and returns how it ended, with nothing left running. `leave()` ends it within a second.
public actor Meeting {
  /// What happens, for one reader; ends with the meeting. A reader that falls behind loses the oldest.
  public nonisolated let events: AsyncStream<MeetingEvent>

  let options: MeetingOptions
  let logger: Logger
  private let transport: any HTTPTransport
  private let eventLoop: any EventLoop
  private let lobbyClock: any Clock<Duration>
  private let eventSink: AsyncStream<MeetingEvent>.Continuation

  /// How often the log is told how media goes.
  private static let logInterval = Duration.seconds(10)

  private var progress: MeetingProgress?
  private var joining: Task<Entrance, any Error>?
  private var isLeaving = false
  private var entrance: Entrance?
  var client: LiveKitClient?
  var media: MeetingMedia?
  /// What was told last.
  var roster: MeetingRoster?

  /// A meeting that hasn't begun.
  /// - Parameters:
  ///   - transport: for Visio's API.
  ///   - eventLoop: the loop on which signalling and media live.
  ///   - lobbyClock: paces the wait at the door.
  public init(
    options: MeetingOptions, transport: any HTTPTransport, eventLoop: any EventLoop,
    lobbyClock: any Clock<Duration> = ContinuousClock(), logger: Logger
  ) {
    self.options = options
    self.transport = transport
    self.eventLoop = eventLoop
    self.lobbyClock = lobbyClock
    self.logger = logger
    (events, eventSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
  }

  // MARK: The whole stay

  /// Joins, takes part and leaves. Call once.
  public func run() async -> MeetingEnding {
    let ending = await stay()
    await client?.leave()
    await media?.stop()
    media = nil
    show(.over(ending))
    eventSink.finish()
    return ending
  }

  /// Ends the meeting, or the attempt to join it. `run()` returns soon after.
  public func leave() async {
    isLeaving = true
    joining?.cancel()
    await client?.leave()
  }

  private func stay() async -> MeetingEnding {
    let task = Task { try await findWayIn() }
    joining = task
    if isLeaving { task.cancel() }
    do {
      let entrance = try await task.value
      guard !isLeaving else { return .cancelled }
      self.entrance = entrance
      return await takePart(entrance)
    } catch {
      return isLeaving ? .cancelled : error as? MeetingEnding ?? .connectionLost
    }
  }

  func show(_ progress: MeetingProgress) {
    guard progress != self.progress else { return }
    self.progress = progress
    tell(.progress(progress))
  }

  func tell(_ event: MeetingEvent) {
    eventSink.yield(event)
  }

  // MARK: Visio

  /// What Visio gave us: where to join, and as whom.
  private struct Entrance: Sendable {
    let visio: VisioClient
    let roomID: String?
    let url: String
    let token: String
  }

  private func findWayIn() async throws(MeetingEnding) -> Entrance {
    show(.findingMeeting)
    do {
      let asked = VisioClient(instance: options.link.instance, transport: transport)
      let (configuration, instance) = try await asked.configuration()
      let visio = VisioClient(instance: instance, transport: transport)
      let room = try await visio.room(options.link.code, username: options.name)
      let credentials: LiveKitCredentials
      if let given = room.liveKit { credentials = given } else { credentials = try await waitAtDoor(visio) }
      guard let url = credentials.signallingURL(preferring: configuration) else { throw MeetingEnding.noServer }
      return Entrance(visio: visio, roomID: room.id, url: url, token: credentials.token)
    } catch let error as VisioError {
      throw .visio(error)
    } catch {
      throw error as? MeetingEnding ?? .connectionLost
    }
  }

  private func waitAtDoor(_ visio: VisioClient) async throws(MeetingEnding) -> LiveKitCredentials {
    let outcome = await visio.waitForAdmission(to: options.link.code, username: options.name, clock: lobbyClock) {
      await self.show(.lobby($0))
    }
    if case .admitted(let credentials, _) = outcome { return credentials }
    throw MeetingEnding(outcome) ?? .connectionLost
  }

  /// Raises or lowers the room's hand.
  /// - Throws: `VisioError`; `notAllowed` too while the room isn't in a registered meeting.
  public func setHandRaised(_ isRaised: Bool) async throws(VisioError) {
    guard let entrance, let roomID = entrance.roomID else { throw .notAllowed }
    try await entrance.visio.setHandRaised(isRaised, roomID: roomID, token: await currentToken(entrance))
  }

  /// Gives the room another name for everybody in the meeting; returns the name it was given.
  /// - Throws: as `setHandRaised`.
  @discardableResult
  public func rename(_ name: String) async throws(VisioError) -> String {
    guard let entrance, let roomID = entrance.roomID else { throw .notAllowed }
    return try await entrance.visio.rename(name, roomID: roomID, token: await currentToken(entrance))
  }

  /// Shows the others what `source` gives as the room's shared screen, until `stopPresenting` or until it ends. What was
  /// presented before gives way.
  /// - Throws: `notConnected` outside a meeting, and what publishing throws.
  public func present(_ source: any CameraSource) async throws(LiveKitError) {
    guard let media else { throw .notConnected }
    try await media.present(source)
    await tellRoster()
  }

  /// Ends the room's presentation, if there is one.
  public func stopPresenting() async {
    await media?.endPresentation()
    await tellRoster()
  }

  // The pushed tokens carry changed permissions; the first one lives longest. Visio takes any that is valid.
  private func currentToken(_ entrance: Entrance) async -> String {
    guard let token = await client?.token, !token.isEmpty else { return entrance.token }
    return token
  }

  // MARK: LiveKit

  private func takePart(_ entrance: Entrance) async -> MeetingEnding {
    show(.connecting)
    let now = MonotonicClock.now
    let clock = NTPClock(NTPTime.now, at: now)
    do {
      let connector = WebRTCMediaConnector(
        interfaces: options.interfaces, certificate: try Certificate(), ntpClock: clock, eventLoop: eventLoop,
        logger: logger)
      let client = LiveKitClient(
        options: ConnectOptions(
          url: entrance.url, token: entrance.token, topology: options.topology,
          mediaTimeout: options.mediaTimeout, client: ClientDescription(version: options.version)),
        connector: connector, trustRoots: options.trustRoots, eventLoop: eventLoop, logger: logger)
      self.client = client
      let media = MeetingMedia(options: options, client: client, logger: logger)
      self.media = media
      try await media.start()
      guard !isLeaving else { return .cancelled }
      async let ending = read(client.events)
      do {
        try await client.connect()
      } catch {
        // It ends the events as well; one that was never begun ends them when it is left.
        await client.leave()
        _ = await ending
        throw error
      }
      return await ending
    } catch LiveKitError.closed(let reason) {
      return isLeaving ? .cancelled : MeetingEnding(reason)
    } catch {
      guard !isLeaving else { return .cancelled }
      logger.error("the meeting can't begin", metadata: ["error": "\(error)"])
      return .connectionLost
    }
  }

  /// Follows the room until the session is over.
  private func read(_ events: AsyncStream<RoomEvent>) async -> MeetingEnding {
    var ending = MeetingEnding.connectionLost
    let ticker = Task { await tick() }
    for await event in events {
      if case .stateChanged(.closed(let reason)) = event { ending = isLeaving ? .left : MeetingEnding(reason) }
      await handle(event)
    }
    ticker.cancel()
    await ticker.value
    return ending
  }

  private func tick() async {
    var lastLog = MonotonicClock.now
    while (try? await Task.sleep(for: MeetingMedia.sceneInterval)) != nil {
      await tellMutedSpeech()
      // A presentation ends by itself when its source does.
      await tellRoster()
      await media?.refresh()
      guard MonotonicClock.now - lastLog >= Self.logInterval else { continue }
      lastLog = MonotonicClock.now
      await media?.logStatistics()
    }
  }
}

extension NTPTime {
  /// The wall clock's time (RFC 3550 §4).
  static var now: NTPTime {
    let (seconds, nanoseconds) = WallClock.now
    // From 1900 to 1970.
    let upper = UInt64(truncatingIfNeeded: seconds + 2_208_988_800) << 32
    return NTPTime(rawValue: upper | (UInt64(nanoseconds) << 32) / 1_000_000_000)
  }
}

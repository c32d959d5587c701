import LiveKitMessages
import Logging
import NIOCore
import NIOHTTP1
import Realtime
import SwiftProtobuf
import WebRTC

/// The media server's half of the practice room: lets clients in, makes their connections and puts them into the meeting.
/// Everything that it holds lives on one event loop; the functions here may be called from anywhere.
final class RoomServer: Sendable {
  /// A token lives so long, seconds, as Visio's.
  static let tokenLifetime: Int64 = 21_600

  let eventLoop: any EventLoop
  let key: APIKey
  /// The room's identifier, which is its name at the media server.
  let roomID: String
  let room: NIOLoopBound<MeetingRoom>
  let settings: PracticeSettings
  private let lobby: NIOLoopBoundBox<Lobby>
  private let sessions: NIOLoopBoundBox<[ObjectIdentifier: ClientSession]>
  /// What still opens or closes connections, so that `stop` can wait for it.
  private let work: NIOLoopBoundBox<[Int: Task<Void, Never>]>
  private let certificate: Certificate
  private let ntpClock: NTPClock
  private let logger: Logger

  private init(
    eventLoop: any EventLoop, roomID: String, room: NIOLoopBound<MeetingRoom>, settings: PracticeSettings, lobby: Lobby,
    sessions: NIOLoopBoundBox<[ObjectIdentifier: ClientSession]>, certificate: Certificate, logger: Logger
  ) {
    self.eventLoop = eventLoop
    key = APIKey()
    self.roomID = roomID
    self.room = room
    self.settings = settings
    self.lobby = NIOLoopBoundBox.makeBoxSendingValue(lobby, eventLoop: eventLoop)
    self.sessions = sessions
    work = NIOLoopBoundBox.makeBoxSendingValue([:], eventLoop: eventLoop)
    self.certificate = certificate
    ntpClock = RoomServer.clock
    self.logger = logger
  }

  /// The one clock of all that the room itself sends.
  static let clock: NTPClock = {
    let now = MonotonicClock.now
    // 2,208,988,800 s lie between NTP's epoch and Unix's.
    let seconds = UInt64(bitPattern: WallClock.seconds + 2_208_988_800)
    return NTPClock(NTPTime(rawValue: seconds << 32), at: now)
  }()

  /// A server of one empty room.
  static func make(
    _ settings: PracticeSettings, on eventLoop: any EventLoop, logger: Logger
  ) async throws(PracticeRoomError) -> RoomServer {
    let certificate: Certificate
    do {
      certificate = try Certificate()
    } catch {
      throw .mediaUnavailable("\(error)")
    }
    let id = RandomText.uuid()
    var lobby = Lobby()
    lobby.policy = settings.current.lobbyPolicy
    do {
      let (room, sessions) = try await eventLoop.submit {
        let room = MeetingRoom(name: id, on: eventLoop, logger: logger)
        room.start()
        return (
          NIOLoopBound(room, eventLoop: eventLoop),
          NIOLoopBoundBox<[ObjectIdentifier: ClientSession]>([:], eventLoop: eventLoop)
        )
      }.get()
      let server = RoomServer(
        eventLoop: eventLoop, roomID: id, room: room, settings: settings, lobby: lobby, sessions: sessions,
        certificate: certificate, logger: logger)
      try await server.perform { room in
        room.onLeft = { [weak server] identity, reason in server?.left(identity, reason) }
      }
      return server
    } catch {
      throw .mediaUnavailable("\(error)")
    }
  }

  /// Runs `body` with the room on its event loop.
  func perform<Result: Sendable>(_ body: @escaping @Sendable (MeetingRoom) throws -> Result) async throws -> Result {
    try await eventLoop.submit { [room] in try body(room.value) }.get()
  }

  /// Sends everybody away and closes their connections. Returns when nothing uses the event loop any more.
  func stop(_ reason: LKDisconnectReason) async {
    try? await eventLoop.submit { [room] in room.value.end(reason) }.get()
    // Who was just being let in finds the room closed, and leaves work behind that is waited for in turn.
    while let tasks = try? await eventLoop.submit({ [work] in Array(work.value.values) }).get(), !tasks.isEmpty {
      for task in tasks { await task.value }
    }
  }

  /// Runs `body` so that `stop` waits for it. On the event loop.
  private func track(_ body: @escaping @Sendable () async -> Void) {
    let id = (work.value.keys.max() ?? 0) + 1
    work.value[id] = Task { [work, eventLoop] in
      await body()
      try? await eventLoop.submit { work.value[id] = nil }.get()
    }
  }

  // MARK: Tokens and lobby

  /// A token with which `identity` may join.
  func makeToken(identity: String, name: String) -> AccessToken.Signed {
    var grant = AccessToken.Grant()
    grant.room = roomID
    grant.roomJoin = true
    grant.roomAdmin = false
    grant.canPublish = true
    grant.canSubscribe = true
    grant.canPublishData = true
    grant.canPublishSources = ["camera", "microphone", "screen_share", "screen_share_audio"]
    grant.canUpdateOwnMetadata = false
    let now = WallClock.seconds
    let token = AccessToken(
      issuer: key.key, subject: identity, name: name,
      attributes: ["color": VisioServer.colour(of: identity), "room_role": nil, "is_authenticated": "false"],
      video: grant, notBefore: now, expires: now + Self.tokenLifetime)
    return AccessToken.Signed(token: token, text: token.sign(with: key))
  }

  /// The token that `text` is, if it is one of ours.
  func verify(_ text: String) -> AccessToken? {
    try? AccessToken(verifying: text, with: key, now: WallClock.seconds)
  }

  /// Runs `body` with the lobby.
  func lobby<Result: Sendable>(_ body: @escaping @Sendable (inout Lobby, Instant) -> Result) async throws -> Result {
    try await eventLoop.submit { [lobby] in body(&lobby.value, MonotonicClock.now) }.get()
  }

  /// Tells everybody in the meeting that somebody waits, as Visio does.
  func announceWaiting() async {
    try? await perform { room in
      let packet = LKDataPacket.with {
        $0.user = .with { $0.payload = .init(#"{"type":"participantWaiting"}"#.utf8) }
      }
      room.distribute(packet, isReliable: true, from: nil)
    }
  }

  private func left(_ identity: String, _ reason: LKDisconnectReason) {
    // A host who removes somebody takes the admission back as well.
    if reason == .participantRemoved { lobby.value.forget(id: identity) }
  }

  // MARK: Joining

  /// What the signalling server is to ask.
  var delegate: SignallingServer.Delegate {
    SignallingServer.Delegate(
      admit: { [weak self] request in
        self?.admit(request) ?? .failure(.init(status: .serviceUnavailable, text: "the room is closed"))
      },
      begin: { [weak self] admission, socket in self?.begin(admission, socket) })
  }

  private func admit(
    _ request: SignallingServer.Request
  ) -> Result<SignallingServer.Admission, SignallingServer.Refusal> {
    guard request.uri.utf8.count <= JoinParameters.maximumLength else {
      return .failure(.init(status: .badRequest, text: "the request is too long"))
    }
    let hasOneConnection = settings.current.acceptsOneConnection
    guard request.path == "/rtc" || (request.path == "/rtc/v1" && hasOneConnection) else {
      return .failure(.init(status: .notFound, text: "404 page not found"))
    }
    guard let parameters = JoinParameters(uri: request.uri),
      parameters.usesOneConnection || request.path == "/rtc"
    else { return .failure(.init(status: .badRequest, text: "a join request is needed that can be read")) }
    let bearer = request.authorization.flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
    let text = bearer ?? parameters.accessToken
    guard !text.isEmpty else {
      return .failure(.init(status: .unauthorized, text: "no permissions to access the room"))
    }
    guard let token = verify(text) else {
      return .failure(.init(status: .unauthorized, text: "invalid authorization token"))
    }
    guard token.video?.roomJoin == true else {
      return .failure(.init(status: .unauthorized, text: "no permissions to access the room"))
    }
    guard let name = token.video?.room, !name.isEmpty, !token.subject.isEmpty, token.subject.utf8.count <= 256 else {
      return .failure(.init(status: .badRequest, text: "a room and an identity are needed"))
    }
    let describesItself = !parameters.metadata.isEmpty || !parameters.attributes.isEmpty
    guard !describesItself || token.video?.canUpdateOwnMetadata == true else {
      return .failure(.init(status: .unauthorized, text: "no permissions to update own metadata"))
    }
    guard name == roomID else {
      return .failure(.init(status: .notFound, text: "requested room does not exist"))
    }
    return .success(SignallingServer.Admission(token: token, parameters: parameters))
  }

  private func begin(_ admission: SignallingServer.Admission, _ socket: NIOLoopBound<SignallingSocket>) {
    guard !room.value.isOver else { return socket.value.close() }
    guard !admission.parameters.isReconnect else {
      // Sessions aren't resumed here: the client joins anew.
      socket.value.send(
        .leave(
          .with {
            $0.reason = .stateMismatch
            $0.action = .reconnect
          }))
      return socket.value.close()
    }
    let session = NIOLoopBoundBox<ClientSession?>.makeEmptyBox(valueType: ClientSession.self, eventLoop: eventLoop)
    track { [self] in
      do {
        let publisher = try await Peer.start(makeConfiguration(), on: eventLoop, logger: logger) { event in
          session.value?.handlePublisher(event)
        }
        var subscriber = publisher
        if !admission.parameters.usesOneConnection {
          subscriber = try await Peer.start(makeConfiguration(), on: eventLoop, logger: logger) { event in
            session.value?.handleSubscriber(event)
          }
        }
        try await eventLoop.submit { [self, subscriber] in
          session.value = start(admission, socket.value, publisher.value, subscriber.value)
          session.value?.start { [self] in
            makeToken(identity: admission.token.subject, name: admission.token.name ?? "").text
          }
          connect(socket.value, session)
        }.get()
      } catch {
        logger.error("a participant can't be let in", metadata: ["error": "\(error)"])
        eventLoop.execute { socket.value.close() }
      }
    }
  }

  private func makeConfiguration() -> PeerConnection.Configuration {
    var configuration = PeerConnection.Configuration(
      certificate: certificate, ntpClock: ntpClock, seed: UInt64.random(in: .min ... .max))
    configuration.adjustICE = { $0.pairsLoopbackWithOthers = true }
    return configuration
  }

  private func start(
    _ admission: SignallingServer.Admission, _ socket: SignallingSocket, _ publisher: Peer, _ subscriber: Peer
  ) -> ClientSession? {
    let token = admission.token
    let parameters = admission.parameters
    let attributes = (token.attributes ?? [:]).mapValues { $0 ?? "" }
    let member = Member(
      sid: "PA_" + RandomText.make(count: 12), identity: token.subject, name: token.name ?? "",
      metadata: parameters.metadata.isEmpty ? token.metadata ?? "" : parameters.metadata,
      attributes: attributes.merging(parameters.attributes) { $1 }, grant: token.video ?? AccessToken.Grant())
    let session = ClientSession(
      room: room.value, member: member, parameters: parameters, publisher: publisher,
      subscriber: subscriber, isMediaBlocked: settings.current.behaviour == .blockingMedia,
      joinsStreams: settings.current.joinsStreams, logger: logger)
    member.update { $0.clientProtocol = parameters.clientProtocol }
    member.link = session
    session.write = { [weak socket] message in socket?.send(message) }
    session.closeSocket = { [weak socket] in socket?.close() }
    let id = ObjectIdentifier(session)
    sessions.value[id] = session
    session.onEnd = { [weak self, sessions] in
      sessions.value[id] = nil
      let closers = [publisher.closer, subscriber.closer]
      self?.track { for close in closers { await close() } }
    }
    guard room.value.add(member) else {
      session.end(
        .with {
          $0.reason = .joinFailure
          $0.action = .disconnect
        })
      return nil
    }
    return session
  }

  private func connect(_ socket: SignallingSocket, _ box: NIOLoopBoundBox<ClientSession?>) {
    guard let session = box.value else { return socket.close() }
    socket.onRequest = { [weak session] request in session?.handle(request) }
    socket.onClose = { [weak session] in session?.signalClosed() }
  }
}

import DequeModule
import LiveKitMessages
import Logging
import NIOCore
import Realtime
import SwiftProtobuf

/// One stay in a LiveKit room: performs what a `Session` decides, over a signalling connection and peer connections.
///
/// Use it for one stay: `connect`, whatever is to be done there, `leave`. `events` tells what happens, `room` how things
/// stand.
public actor LiveKitClient {
  /// How many events wait for their reader before the oldest are dropped: some seconds of a large meeting.
  public static let maximumWaitingEvents = 1_024
  /// How many data messages may wait; above that a sender floods us, and what comes next is dropped.
  static let maximumWaitingMessages = 512
  /// How many responses may wait; above that the signalling connection isn't read.
  static let maximumWaitingResponses = 256

  /// What happens in the room, for one reader; ends when the session is closed. A reader that falls behind loses the
  /// oldest and finds the truth in `room`.
  public nonisolated let events: AsyncStream<RoomEvent>

  /// The room and who is in it; nil before it's joined.
  public var room: Room? { session.room }
  /// Where the session stands.
  public var state: SessionState { session.state }
  /// Our published tracks.
  public var publishedTracks: [PublishedTrack] { session.publishedTracks }
  /// The newest access token, for Visio's requests that ask for one.
  public var token: String { session.token }
  /// The last measured time to the signalling server and back.
  public var roundTripTime: Duration { session.roundTripTime }

  private let options: ConnectOptions
  private let connector: any MediaConnector
  private let trustRoots: [String]
  private let timeouts: SignalConnection.Timeouts
  private let eventLoop: any EventLoop
  private let logger: Logger

  private var session = Session()
  private var exchange = DataExchange()
  private var queue = Deque<SessionEvent>()
  private var isProcessing = false
  private var waitingForRoom: [CheckedContinuation<Void, Never>] = []
  private var requests: [RequestID: CheckedContinuation<RequestOutcome, Never>] = [:]
  private var requestCount: UInt32 = 0
  private var joining: CheckedContinuation<LiveKitError?, Never>?
  private var closing: [CheckedContinuation<Void, Never>] = []

  private var signal: SignalConnection?
  private var signalTask: Task<Void, Never>?
  private var media: [PeerConnectionRole: any MediaConnection] = [:]
  private var timer: Task<Void, Never>?
  private var timerDeadline = Instant.distantFuture
  private var closures: [Task<Void, Never>] = []

  private let eventSink: AsyncStream<RoomEvent>.Continuation
  private let control: AsyncStream<SessionEvent>
  private let controlSink: AsyncStream<SessionEvent>.Continuation
  private let messages: AsyncStream<([UInt8], DataChannelLabel)>
  private let messageSink: AsyncStream<([UInt8], DataChannelLabel)>.Continuation

  /// A client that hasn't begun.
  /// - Parameters:
  ///   - connector: makes the peer connections.
  ///   - trustRoots: certificates in PEM to trust beside the system's.
  ///   - eventLoop: where the signalling connection lives.
  public init(
    options: ConnectOptions, connector: any MediaConnector, trustRoots: [String] = [],
    timeouts: SignalConnection.Timeouts = SignalConnection.Timeouts(), eventLoop: any EventLoop, logger: Logger
  ) {
    self.options = options
    self.connector = connector
    self.trustRoots = trustRoots
    self.timeouts = timeouts
    self.eventLoop = eventLoop
    self.logger = logger
    (events, eventSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.maximumWaitingEvents))
    // As many as the descriptions have candidates and m-lines, which are limited where they are read.
    (control, controlSink) = AsyncStream.makeStream()
    (messages, messageSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumWaitingMessages))
  }

  // MARK: Joining and leaving

  /// Joins the room. Returns when the server has let us in and described the room; media comes up meanwhile, as
  /// `stateChanged(.connected)` tells.
  /// - Throws: `closed`, with the reason, or `alreadyStarted`.
  public func connect() async throws(LiveKitError) {
    guard session.state == .idle, joining == nil else { throw .alreadyStarted }
    Task { for await event in control { submit(event) } }
    Task { for await (bytes, label) in messages { receive(bytes, label) } }
    let failure = await withCheckedContinuation { continuation in
      joining = continuation
      submit(.connect(options, unixTime: UnixTime.milliseconds))
    }
    if let failure { throw failure }
  }

  /// Leaves: tells the server, then closes everything. Returns when nothing is left running, at the latest after about a
  /// second. Safe to call at any time and more than once.
  public func leave() async {
    if !isOver {
      await withCheckedContinuation { continuation in
        closing.append(continuation)
        submit(.leave)
      }
    }
    for closure in closures { await closure.value }
  }

  private var isOver: Bool {
    if case .closed = session.state { return !isProcessing }
    return false
  }

  // MARK: Tracks

  /// Publishes a track. Returns when it's negotiated; then attach encoders where `sender(cid:)` says.
  /// - Throws: `notAllowed`, `refused`, `timedOut`, `limitExceeded`, `notConnected` or `closed`.
  public func publish(_ track: LocalTrack) async throws(LiveKitError) -> PublishedTrack {
    switch await request({ .publish(track, $0) }) {
    case .published(let published): return published
    case .failed(let error): throw error
    case .done: throw .notConnected
    }
  }

  /// Publishes a microphone.
  /// - Throws: as `publish`.
  public func publishMicrophone(
    _ audio: LocalAudio = LocalAudio(), isMuted: Bool = false
  ) async throws(LiveKitError) -> PublishedTrack {
    try await publish(
      LocalTrack(
        cid: Self.identifier(), source: .microphone, name: "microphone", isMuted: isMuted, media: .audio(audio)))
  }

  /// Publishes a camera.
  /// - Throws: as `publish`.
  public func publishCamera(
    _ video: LocalVideo = LocalVideo(), isMuted: Bool = false
  ) async throws(LiveKitError) -> PublishedTrack {
    try await publish(
      LocalTrack(cid: Self.identifier(), source: .camera, name: "camera", isMuted: isMuted, media: .video(video)))
  }

  /// Publishes a shared screen.
  /// - Throws: as `publish`.
  public func publishScreen(_ video: LocalVideo) async throws(LiveKitError) -> PublishedTrack {
    try await publish(
      LocalTrack(cid: Self.identifier(), source: .screenShare, name: "screen", media: .video(video)))
  }

  /// Stops publishing a track.
  /// - Throws: `unknownTrack`, `notConnected` or `closed`.
  public func unpublish(cid: String) async throws(LiveKitError) {
    try await finish({ .unpublish(cid: cid, $0) })
  }

  /// Mutes or unmutes a track of ours. A muted track's media must stop; unmuted video begins with a key frame.
  /// - Throws: `unknownTrack`, `notConnected` or `closed`.
  public func setMuted(_ isMuted: Bool, cid: String) async throws(LiveKitError) {
    try await finish({ .setMuted(cid: cid, isMuted, $0) })
  }

  /// Where to put in the media of the variant `cid` of a published track.
  public func sender(cid: String) async -> MediaEndpoint? {
    await media[.publisher]?.sender(cid: cid)
  }

  /// Where to take a subscribed track's media.
  public func receiver(of track: SubscribedTrack) async -> MediaEndpoint? {
    await media[track.connection]?.receiver(mid: track.mid)
  }

  // MARK: Receiving

  /// Says how a remote track is shown, so that the server sends no more than that. Frequent calls are gathered.
  public func updateTrackSettings(_ settings: TrackSettings, of trackSID: String) {
    submit(.setTrackSettings(trackSID: trackSID, settings))
  }

  /// Subscribes to remote tracks or unsubscribes from them.
  public func setSubscribed(_ isSubscribed: Bool, to trackSIDs: [String]) {
    submit(.setSubscribed(trackSIDs: trackSIDs, isSubscribed))
  }

  // MARK: Data

  /// Sends an application's message to the participants with the given identities, or to all.
  /// - Throws: `limitExceeded`, `dataChannelUnavailable`, `notConnected` or `closed`.
  public func send(_ message: UserMessage, to destinations: [String] = []) async throws(LiveKitError) {
    let connection = try publisher()
    let packet = try exchange.packet(message, to: destinations)
    try await send([packet], on: message.isReliable ? .reliable : .lossy, connection)
  }

  /// Sends a text of up to 256 KiB on a topic.
  /// - Returns: the stream's identifier.
  /// - Throws: as `send`.
  @discardableResult
  public func sendText(
    _ text: String, topic: String, attributes: [String: String] = [:], to destinations: [String] = []
  ) async throws(LiveKitError) -> String {
    let connection = try publisher()
    let id = Self.identifier()
    let packets = try exchange.packets(
      text, id: id, topic: topic, attributes: attributes, timestamp: UnixTime.milliseconds, to: destinations)
    try await send(packets, on: .reliable, connection)
    return id
  }

  /// Sends a line of chat to all.
  /// - Returns: the line as the others see it.
  /// - Throws: as `send`.
  @discardableResult
  public func sendChat(_ text: String) async throws(LiveKitError) -> ChatMessage {
    let id = try await sendText(text, topic: DataExchange.chatTopic)
    return ChatMessage(
      id: id, text: text, timestamp: UnixTime.milliseconds,
      senderIdentity: session.room?.localParticipant.identity ?? "")
  }

  private func publisher() throws(LiveKitError) -> any MediaConnection {
    if case .closed(let reason) = session.state { throw .closed(reason) }
    guard let connection = media[.publisher] else { throw .notConnected }
    return connection
  }

  // The packets are numbered before the first is sent and sent without a pause in between: `sending` keeps the order of
  // several calls.
  private var sending: Task<LiveKitError?, Never>?

  private func send(
    _ packets: [[UInt8]], on label: DataChannelLabel, _ connection: any MediaConnection
  ) async throws(LiveKitError) {
    let previous = sending
    let task = Task<LiveKitError?, Never> {
      _ = await previous?.value
      do {
        for packet in packets { try await connection.send(packet, on: label) }
        return nil
      } catch {
        return error as? LiveKitError ?? .dataChannelUnavailable
      }
    }
    sending = task
    if let failure = await task.value { throw failure }
  }

  // MARK: Ourselves

  /// Changes our own name, metadata or attributes, where the token allows it; an empty value deletes an attribute.
  /// - Throws: `notAllowed`, `limitExceeded`, `timedOut`, `notConnected` or `closed`.
  public func updateMetadata(
    name: String, metadata: String, attributes: [String: String] = [:]
  ) async throws(LiveKitError) {
    let message = LKUpdateParticipantMetadata.with {
      $0.name = name
      $0.metadata = metadata
      $0.attributes = attributes
    }
    try await finish({ .updateMetadata(message, $0) })
  }

  private func finish(_ event: (RequestID) -> SessionEvent) async throws(LiveKitError) {
    if case .failed(let error) = await request(event) { throw error }
  }

  private func request(_ event: (RequestID) -> SessionEvent) async -> RequestOutcome {
    requestCount = requestCount == .max ? 1 : requestCount + 1
    let id = RequestID(number: requestCount)
    return await withCheckedContinuation { continuation in
      requests[id] = continuation
      submit(event(id))
    }
  }

  /// 96 random bits as letters and digits.
  private static func identifier() -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    return String((0..<20).map { _ in alphabet[Int.random(in: 0..<32)] })
  }

  // MARK: Events in, actions out

  private func submit(_ event: SessionEvent) {
    queue.append(event)
    guard !isProcessing else { return }
    isProcessing = true
    Task { await process() }
  }

  /// One event after the other, and each one's actions in their order, whatever is waited for meanwhile.
  private func process() async {
    while let event = queue.popFirst() {
      let actions = session.handle(event, at: MonotonicClock.now)
      var consequences: [SessionEvent] = []
      for action in actions {
        if let consequence = await perform(action) { consequences.append(consequence) }
      }
      // Before anything else that waits: a session expects the answer to what it asked for.
      for consequence in consequences.reversed() { queue.prepend(consequence) }
      for waiting in waitingForRoom { waiting.resume() }
      waitingForRoom = []
    }
    isProcessing = false
    setTimer()
    if isOver { finishClosing() }
  }

  private func perform(_ action: SessionAction) async -> SessionEvent? {
    switch action {
    case .openSignal(let endpoint): openSignal(endpoint)
    case .send(let request): signal?.send(request)
    case .closeSignal: closeSignal()
    case .openPeerConnections(let roles, let configuration):
      for role in roles {
        if let failure = await open(role, configuration) { return failure }
      }
    case .closePeerConnections:
      let connections = Array(media.values)
      media = [:]
      closures.append(Task { for connection in connections { await connection.close() } })
    case .createDataChannels(let role):
      return await negotiate(role) { try await $0.createDataChannels(DataChannelLabel.allCases) }
    case .addReceivers(let role, let kind, let count):
      return await negotiate(role) { try await $0.addReceivers(kind, count: count) }
    case .addSender(let sender):
      return await negotiate(.publisher) { try await $0.addSender(sender) }
    case .stopSender(let cid):
      return await negotiate(.publisher) { try await $0.stopSender(cid: cid) }
    case .createOffer(let role):
      return await describe(role) { .offerCreated(role, sdp: try await $0.createOffer()) }
    case .createAnswer(let role, let id):
      return await describe(role) { .answerCreated(role, offerID: id, sdp: try await $0.createAnswer()) }
    case .setRemoteOffer(let role, let sdp):
      return await negotiate(role) { try await $0.setRemoteOffer(sdp) }
    case .setRemoteAnswer(let role, let sdp):
      return await negotiate(role) { try await $0.setRemoteAnswer(sdp) }
    case .addCandidate(let role, let candidate):
      do {
        try await media[role]?.addRemoteCandidate(candidate)
      } catch {
        logger.debug("skipped a candidate", metadata: ["error": "\(error)"])
      }
    case .emit(let event): emit(event)
    case .finish(let request, let outcome): requests.removeValue(forKey: request)?.resume(returning: outcome)
    case .log(let text): logger.info("\(text)")
    }
    return nil
  }

  private func emit(_ event: RoomEvent) {
    switch event {
    case .joined: join(failure: nil)
    case .participantLeft(let participant, _): exchange.forget(participant)
    case .stateChanged(.closed(let reason)): join(failure: .closed(reason))
    default: break
    }
    eventSink.yield(event)
  }

  private func join(failure: LiveKitError?) {
    joining?.resume(returning: failure)
    joining = nil
  }

  // MARK: Signalling

  private func openSignal(_ endpoint: SignalEndpoint) {
    signalTask?.cancel()
    signalTask = Task {
      let failure: SignalConnectionError
      do throws(SignalConnectionError) {
        let connection = try await SignalConnection.open(
          endpoint, trustRoots: trustRoots, timeouts: timeouts, on: eventLoop)
        guard await opened(connection) else { return }
        try await connection.receive { result in
          switch result {
          case .success(let response): await submitResponse(.signalReceived(response))
          case .failure(let error): await submitResponse(.signalMalformed(error))
          }
        }
        return
      } catch {
        failure = error
      }
      submit(.signalClosed(failure))
    }
  }

  private func opened(_ connection: SignalConnection) async -> Bool {
    if case .closed = session.state {
      await connection.close()
      return false
    }
    signal = connection
    submit(.signalOpened)
    return true
  }

  private func submitResponse(_ event: SessionEvent) async {
    submit(event)
    while queue.count > Self.maximumWaitingResponses {
      await withCheckedContinuation { waitingForRoom.append($0) }
    }
  }

  private func closeSignal() {
    guard let connection = signal else { return }
    signal = nil
    closures.append(Task { await connection.close() })
  }

  // MARK: Peer connections

  private func open(_ role: PeerConnectionRole, _ configuration: TransportConfiguration) async -> SessionEvent? {
    do {
      media[role] = try await connector.open(role, configuration) { [controlSink, messageSink, eventSink] event in
        switch event {
        case .message(let bytes, let label): messageSink.yield((bytes, label))
        case .keyFrameRequested(let cid, let encoding):
          eventSink.yield(.keyFrameRequested(cid: cid, encoding: encoding))
        default:
          if let event = SessionEvent(event, on: role) { controlSink.yield(event) }
        }
      }
      return nil
    } catch {
      return .negotiationFailed(role, "\(error)")
    }
  }

  private func negotiate(
    _ role: PeerConnectionRole, _ step: (any MediaConnection) async throws -> Void
  ) async -> SessionEvent? {
    await describe(role) {
      try await step($0)
      return nil
    }
  }

  private func describe(
    _ role: PeerConnectionRole, _ step: (any MediaConnection) async throws -> SessionEvent?
  ) async -> SessionEvent? {
    guard let connection = media[role] else { return nil }
    do {
      return try await step(connection)
    } catch {
      return .negotiationFailed(role, "\(error)")
    }
  }

  private func receive(_ bytes: [UInt8], _ label: DataChannelLabel) {
    guard label != .dataTrack else { return }
    for action in exchange.receive(bytes, isReliable: label == .reliable, at: MonotonicClock.now) {
      switch action {
      case .emit(let event): eventSink.yield(event)
      case .log(let text): logger.info("\(text)")
      default: break
      }
    }
  }

  // MARK: Time

  private func setTimer() {
    let deadline = session.nextDeadline
    // A timer that comes too early finds nothing to do and sets the next one.
    guard deadline < timerDeadline else { return }
    timer?.cancel()
    timerDeadline = deadline
    timer = Task {
      let delay = deadline - MonotonicClock.now
      do {
        if delay > .zero { try await Task.sleep(for: delay) }
      } catch {
        return
      }
      timerDeadline = .distantFuture
      submit(.timeout)
    }
  }

  private func finishClosing() {
    timer?.cancel()
    timer = nil
    if let signalTask {
      signalTask.cancel()
      closures.append(signalTask)
    }
    signalTask = nil
    controlSink.finish()
    messageSink.finish()
    eventSink.finish()
    for waiting in closing { waiting.resume() }
    closing = []
  }
}

extension SessionEvent {
  /// What an event of a peer connection is to the session; nil for what isn't its business.
  init?(_ event: MediaConnectionEvent, on role: PeerConnectionRole) {
    switch event {
    case .localCandidate(let candidate, let mid, let fragment):
      self = .localCandidate(role, candidate: candidate, mid: mid, usernameFragment: fragment)
    case .connected: self = .transportConnected(role)
    case .failed: self = .transportFailed(role)
    case .trackAdded(let track): self = .trackAdded(role, track)
    case .trackRemoved(let mid): self = .trackRemoved(role, mid: mid)
    case .keyFrameRequested, .message: return nil
    }
  }
}

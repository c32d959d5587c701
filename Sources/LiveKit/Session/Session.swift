import LiveKitMessages
import SwiftProtobuf
import Realtime
import WebRTC

/// One stay in a LiveKit room, as a value: events go in, actions come out, and nothing else happens. The actions are to be
/// performed in their order, and what they bring about comes back as events.
///
/// A lost connection ends the session for now; resuming belongs where `lost` is.
public struct Session: Sendable {
  /// How long the server may take to say why it closed a media connection: its word and the closure travel on different
  /// connections, and either may come first.
  static let explanationTime = Duration.seconds(1)

  /// Where the session stands.
  public private(set) var state = SessionState.idle
  /// The room and who is in it; nil before the server's answer.
  public var room: Room? { table?.room }
  /// Our published tracks.
  public var publishedTracks: [PublishedTrack] { publications.tracks }
  /// The newest access token: the server renews it every few minutes.
  public private(set) var token = ""
  /// How the media is connected: as asked for, or with two peer connections where the server knows nothing newer.
  public private(set) var topology = ConnectionTopology.twoPeerConnections
  /// The last measured time to the signalling server and back.
  public var roundTripTime: Duration { liveness?.roundTripTime ?? .zero }

  var table: ParticipantTable?
  var publications = Publications()
  var subscriptions = Subscriptions()
  var publisher = Negotiation(role: .publisher)
  var subscriber = Negotiation(role: .subscriber)
  var options: ConnectOptions?
  var enabledCodecs: Set<VideoCodec> = []
  var metadataRequests: [UInt32: (request: RequestID, deadline: Instant)] = [:]
  private var liveness: Liveness?
  private var unixTimeAtEpoch: Int64 = 0
  private var primary = PeerConnectionRole.publisher
  private var mediaDeadline = Instant.distantFuture
  /// A media connection that failed, and until when the server may say why.
  private var failure: (role: PeerConnectionRole, deadline: Instant)?

  /// A session that hasn't begun.
  public init() {}

  /// When `timeout` is due.
  public var nextDeadline: Instant {
    var deadline = min(publisher.deadline, publisher.pathDeadline, mediaDeadline)
    deadline = min(deadline, publications.nextDeadline, subscriptions.nextDeadline)
    if let liveness { deadline = min(deadline, liveness.nextDeadline) }
    if let failure { deadline = min(deadline, failure.deadline) }
    for waiting in metadataRequests.values { deadline = min(deadline, waiting.deadline) }
    return deadline
  }

  /// Whether there is a room to act in.
  var isJoined: Bool {
    switch state {
    case .connecting, .connected, .reconnecting: table != nil
    case .idle, .closed: false
    }
  }

  private var isClosed: Bool {
    if case .closed = state { return true }
    return false
  }

  /// Takes in what happened and says what to do.
  public mutating func handle(_ event: SessionEvent, at now: Instant) -> [SessionAction] {
    if let actions = handleRequest(event, at: now) { return actions }
    guard !isClosed else { return [] }
    switch event {
    case .connect(let options, let unixTime): return connect(options, unixTime: unixTime, at: now)
    case .leave: return close(.left)
    case .signalOpened: return []
    case .signalClosed(let error): return signalClosed(error)
    case .signalReceived(let response): return receive(response, at: now)
    case .signalMalformed(let error): return [.log("dropped a malformed response: \(error)")]
    case .timeout: return timeout(at: now)
    case .transportConnected(let role): return transportConnected(role)
    case .transportFailed(let role): return transportFailed(role, at: now)
    case .negotiationFailed(let role, let text): return close(.negotiationFailed("\(role): \(text)"))
    case .offerCreated(let role, let sdp):
      return role == .publisher ? publisher.offerCreated(sdp, at: now) : []
    case .answerCreated(let role, let id, let sdp):
      return role == .subscriber ? subscriber.answerCreated(sdp, offerID: id) : []
    case .localCandidate(let role, let candidate, let mid, let fragment):
      let message = ICECandidateMessage(
        candidate: candidate, sdpMid: mid, usernameFragment: fragment.isEmpty ? nil : fragment)
      return role == .publisher ? publisher.localCandidate(message) : subscriber.localCandidate(message)
    case .trackAdded(let role, let track):
      subscriptions.add(track, on: role)
      return reconcile()
    case .trackRemoved(let role, let mid):
      subscriptions.remove(mid: mid, on: role)
      return reconcile()
    case .publish, .unpublish, .setMuted, .setTrackSettings, .setSubscribed, .updateMetadata:
      return []
    }
  }

  // MARK: Joining

  private mutating func connect(_ options: ConnectOptions, unixTime: Int64, at now: Instant) -> [SessionAction] {
    guard state == .idle else { return [] }
    self.options = options
    token = options.token
    topology = options.topology
    unixTimeAtEpoch = unixTime &- now.nanoseconds / 1_000_000
    return enter(.connecting) + openSignal()
  }

  private mutating func openSignal() -> [SessionAction] {
    guard var options else { return [] }
    options.token = token
    options.topology = topology
    do throws(SignalConnectionError) {
      return [.openSignal(try SignalEndpoint(options))]
    } catch {
      return close(.notJoined(error))
    }
  }

  private mutating func signalClosed(_ error: SignalConnectionError) -> [SessionAction] {
    guard table == nil else { return lost(.signal(error)) }
    if topology == .onePeerConnection, error.isUnknownPath {
      topology = .twoPeerConnections
      return [.log("the server has no single peer connection; joining with two")] + openSignal()
    }
    return close(.notJoined(error))
  }

  mutating func joined(_ join: LKJoinResponse, at now: Instant) -> [SessionAction] {
    guard table == nil, state == .connecting else { return [.log("ignored a join that isn't expected")] }
    guard !join.participant.identity.isEmpty else {
      return close(.notJoined(.protocolViolation("a join without a participant")))
    }
    let table = ParticipantTable(join)
    self.table = table
    liveness = Liveness(join, unixTimeAtEpoch: unixTimeAtEpoch, at: now)
    enabledCodecs = Self.videoCodecs(join)
    mediaDeadline = now + (options?.mediaTimeout ?? ConnectOptions.defaultMediaTimeout)
    let isDual = topology == .twoPeerConnections
    primary = isDual && join.subscriberPrimary ? .subscriber : .publisher
    let configuration = TransportConfiguration(servers: join.iceServers, configuration: join.clientConfiguration)
    var actions: [SessionAction] = [
      .openPeerConnections(isDual ? [.publisher, .subscriber] : [.publisher], configuration),
      .createDataChannels(.publisher),
    ]
    // At once, with nothing to publish yet: data needs it, and publishing is then quick.
    // With one peer connection received tracks need m-lines of ours; the server asks for more when these run out.
    actions += publisher.offer(
      isDual ? [] : [.addReceivers(.publisher, .audio, count: 3), .addReceivers(.publisher, .video, count: 3)])
    return actions + [.emit(.joined(table.room))]
  }

  /// What may be published, of the codecs that we have. A server that lists nothing takes anything.
  private static func videoCodecs(_ join: LKJoinResponse) -> Set<VideoCodec> {
    let disabled = join.clientConfiguration.disabledCodecs
    let refused = Set((disabled.codecs + disabled.publish).map { $0.mime.lowercased() })
    let enabled = Set(join.enabledPublishCodecs.map { $0.mime.lowercased() })
    let all: Set<VideoCodec> = [.vp8, .vp9]
    return all.filter { codec in
      let mime = "video/" + codec.liveKitName
      return (enabled.isEmpty || enabled.contains(mime)) && !refused.contains(mime)
    }
  }

  private mutating func transportConnected(_ role: PeerConnectionRole) -> [SessionAction] {
    var actions: [SessionAction] = []
    if role == .publisher {
      actions = publisher.transportConnected()
      noteOffer(actions)
    }
    guard role == primary, state == .connecting else { return actions }
    mediaDeadline = .distantFuture
    return enter(.connected) + actions
  }

  private mutating func transportFailed(_ role: PeerConnectionRole, at now: Instant) -> [SessionAction] {
    guard failure == nil else { return [] }
    failure = (role, now + Self.explanationTime)
    return []
  }

  // MARK: Time

  private mutating func timeout(at now: Instant) -> [SessionAction] {
    if liveness?.isSilent(at: now) == true { return lost(.silence) }
    if mediaDeadline <= now { return close(.mediaUnreachable) }
    if let failure, failure.deadline <= now {
      return state == .connecting ? close(.mediaUnreachable) : lost(.media(failure.role))
    }
    if publisher.deadline <= now { return lost(.negotiation) }
    let offer = publisher.pathTimeout(at: now)
    noteOffer(offer)
    var actions = offer + publications.expire(at: now) + subscriptions.settingsDue(at: now)
    for (id, waiting) in metadataRequests where waiting.deadline <= now {
      metadataRequests[id] = nil
      actions.append(.finish(waiting.request, .failed(.timedOut)))
    }
    return actions + (liveness?.pingsDue(at: now) ?? [])
  }

  mutating func heard(at now: Instant) {
    liveness?.messageReceived(at: now)
  }

  mutating func pongReceived(_ pong: LKPong, at now: Instant) {
    liveness?.pongReceived(pong, at: now)
  }

  mutating func refreshToken(_ token: String) {
    if !token.isEmpty { self.token = token }
  }

  // MARK: Ending

  /// A connection that was up is gone. Resuming and connecting anew will begin here, in the state `reconnecting`.
  mutating func lost(_ loss: ConnectionLoss) -> [SessionAction] {
    close(.connectionLost(loss))
  }

  /// Ends the session. The server is told unless it told us: otherwise the others would see us for 20 s more.
  mutating func close(_ reason: ClosureReason) -> [SessionAction] {
    var actions: [SessionAction] = []
    let isServersDoing =
      switch reason {
      case .disconnected, .notJoined, .connectionLost(.signal), .connectionLost(.serverRequest): true
      default: false
      }
    if !isServersDoing, table != nil {
      actions.append(
        .send(
          .with {
            $0.leave.reason = .clientInitiated
            $0.leave.action = .disconnect
          }))
    }
    actions += publications.close(reason) + subscriptions.close()
    for waiting in metadataRequests.values { actions.append(.finish(waiting.request, .failed(.closed(reason)))) }
    metadataRequests = [:]
    liveness = nil
    mediaDeadline = .distantFuture
    failure = nil
    publisher = Negotiation(role: .publisher)
    subscriber = Negotiation(role: .subscriber)
    actions += [.closeSignal, .closePeerConnections]
    return actions + enter(.closed(reason))
  }

  private mutating func enter(_ state: SessionState) -> [SessionAction] {
    self.state = state
    return [.emit(.stateChanged(state))]
  }

  // MARK: Shared

  mutating func reconcile() -> [SessionAction] {
    guard var table else { return [] }
    let actions = subscriptions.reconcile(&table)
    self.table = table
    return actions
  }

  /// Offers with the given changes, as soon as that's possible.
  mutating func negotiate(_ changes: [SessionAction]) -> [SessionAction] {
    let actions = publisher.offer(changes)
    noteOffer(actions)
    return actions
  }

  mutating func noteOffer(_ actions: [SessionAction]) {
    if actions.contains(.createOffer(.publisher)) { publications.offered() }
  }
}

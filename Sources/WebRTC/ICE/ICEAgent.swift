import Realtime

/// Finds and keeps a way to the peer: ICE (RFC 8445) with trickling (RFC 8838), consent freshness (RFC 7675) and restarts,
/// for one data stream with one component.
///
/// Sans-IO: the owner passes in datagrams and time, and after each call takes out what there is to send
/// (`pollTransmit`) and to tell (`pollEvent`) and asks for `nextDeadline`. Confined to one event loop.
///
/// A full agent in either role; the peer may be lite. Pairs are nominated regularly and once: only a restart changes a
/// nominated pair that we chose. A controlling peer that nominates aggressively or anew is followed.
public final class ICEAgent {
  let configuration: Configuration
  let tieBreaker: UInt64
  var random: SeededRandom
  var session: ICESession
  /// During a restart, the session of the selected pair.
  var previousSession: ICESession?
  var isRemoteLite = false
  var hasRemoteEnded = false

  var sockets: [LocalSocket] = []
  var reflexiveAddresses: [(base: SocketAddress, mapped: SocketAddress)] = []
  var gatheringRequests: [GatheringRequest] = []
  var isGatheringAnnounced = true
  var remoteCandidates: [RemoteCandidate] = []
  var pairs: [CandidatePair] = []
  var selected: SelectedPair?

  /// Since when pairs are looked for.
  var checkingSince: Instant?
  var firstValidAt: Instant?
  var lastReceivedAt = Instant(nanoseconds: .min)
  /// When the pacing's next slot would start if none had been used early.
  var pacingAt = Instant(nanoseconds: .min)
  /// The latest consent checks; 16 cover 8 s of probing, longer than any answer takes.
  var consentChecks: [(transactionID: STUNTransactionID, role: ICERole, sentAt: Instant)] = []
  var nextConsentSlot = 0

  var outgoing: [(message: OutgoingMessage, path: TransportPath)] = []
  var outgoingStart = 0
  var events: [ICEEvent] = []
  var eventsStart = 0

  /// Our present role.
  public internal(set) var role: ICERole
  /// How far the agent has come.
  public internal(set) var state = ICEState.new
  /// When `handleTimeout` has to be called next; `distantFuture` when nothing is due.
  public internal(set) var nextDeadline = Instant.distantFuture

  /// An agent that does nothing yet. `random` makes transaction ids, tie-breaker and timing; it has to be seeded from the
  /// system unless this is a test. `credentials` are ours.
  public init(configuration: Configuration, credentials: ICECredentials = .random(), random: SeededRandom) {
    self.configuration = configuration
    var random = random
    tieBreaker = configuration.tieBreaker ?? random.next()
    self.random = random
    role = configuration.role
    session = ICESession(generation: 0, local: credentials)
  }

  /// Our credentials since the last restart, to be signalled.
  public var localCredentials: ICECredentials { session.local }
  /// The peer's credentials since the last restart, once told.
  public var remoteCredentials: ICECredentials? { session.remote }
  /// Where data goes: set as soon as a pair works, before it is nominated. Nil means that nothing may be sent.
  public var selectedPath: TransportPath? { selected?.pair.path }
  /// The pair that carries data.
  public var selectedPair: ICESelectedPair? { selected?.pair }

  /// Takes the peer's credentials; checks begin. Other credentials than before mean that the peer restarts
  /// (RFC 8445 section 9): its candidates and our checks are forgotten. By then the owner has called `restart` itself,
  /// unless it signals in a way that lets our credentials stand. A lite peer makes us controlling.
  public func setRemote(credentials: ICECredentials, isLite: Bool, at now: Instant) {
    guard state != .closed, session.remote != credentials else { return }
    if session.remote != nil { beginSession(local: session.local, at: now) }
    session.setRemote(credentials)
    isRemoteLite = isLite
    if isLite, role == .controlled { changeRole(to: .controlling) }
    // What was told early but belongs to an older session goes.
    let stale = remoteCandidates.filter { candidate in
      candidate.usernameFragment.map { $0 != credentials.usernameFragment } ?? false
    }
    for candidate in stale {
      remoteCandidates.removeAll { $0.address == candidate.address }
      pairs.removeAll { $0.path.remote == candidate.address }
    }
    checkingSince = now
    advance(at: now)
  }

  /// Begins to use a UDP socket bound to `address` (no wildcard): makes the host candidate, asks the STUN servers, pairs
  /// it. Sockets added first are preferred, unless `localPreference` (greater is better) says otherwise. Ignored when
  /// there are `maximumSockets` or the address is there already.
  public func addLocalSocket(_ address: SocketAddress, localPreference: UInt16? = nil, at now: Instant) {
    guard state != .closed, sockets.count < Self.maximumSockets, !sockets.contains(where: { $0.address == address }),
      !address.ip.isUnspecified
    else { return }
    let socket = LocalSocket(
      address: address, localPreference: localPreference ?? .max - UInt16(sockets.count) * 256)
    sockets.append(socket)
    gather(on: socket)
    for candidate in remoteCandidates { addPair(socket, candidate) }
    advance(at: now)
  }

  /// Stops using a socket, as its interface went. If data went through it, the next best pair takes over here; without
  /// one the state goes back to `checking`. The peer may hold on to the lost pair for a while, so the owner restarts ICE.
  public func removeLocalSocket(_ address: SocketAddress, at now: Instant) {
    sockets.removeAll { $0.address == address }
    gatheringRequests.removeAll { $0.path.local == address }
    reflexiveAddresses.removeAll { $0.base == address }
    pairs.removeAll { $0.path.local == address }
    if selectedPath?.local == address { abandonSelected(at: now) }
    advance(at: now)
  }

  /// Takes a candidate of the peer, at any time. Passed over: TCP, names (RFC 8828's `.local`), components other than 1,
  /// addresses that name no single host, candidates of another session, and what exceeds `maximumRemoteCandidates`.
  public func addRemoteCandidate(_ candidate: ICECandidate, at now: Instant) {
    guard state != .closed, candidate.transport == .udp, candidate.component == 1, let address = candidate.address,
      address.port != 0, address.ip.isUsableAsPeer
    else { return }
    if let fragment = candidate.usernameFragment, let remote = session.remote, fragment != remote.usernameFragment {
      return
    }
    if let index = remoteCandidates.firstIndex(where: { $0.address == address }) {
      // Learned from a check before it was signalled: now its true kind and priority are known.
      guard remoteCandidates[index].kind == .peerReflexive else { return }
      remoteCandidates[index].kind = candidate.kind
      remoteCandidates[index].priority = candidate.priority
      for pair in pairs.indices where pairs[pair].path.remote == address {
        pairs[pair].remoteKind = candidate.kind
        pairs[pair].remotePriority = candidate.priority
        pairs[pair].updatePriority(role: role)
      }
    } else {
      guard remoteCandidates.count < Self.maximumRemoteCandidates else { return }
      let remote = RemoteCandidate(
        address: address, priority: candidate.priority, kind: candidate.kind,
        usernameFragment: candidate.usernameFragment)
      remoteCandidates.append(remote)
      for socket in sockets { addPair(socket, remote) }
    }
    advance(at: now)
  }

  /// The peer signalled `end-of-candidates` (RFC 8838 section 14): nomination needn't wait for better ones.
  public func endOfRemoteCandidates(at now: Instant) {
    hasRemoteEnded = true
    advance(at: now)
  }

  /// Changes our role, as offer and answer may before checks begin.
  public func setRole(_ role: ICERole) {
    if role != self.role { changeRole(to: role, announced: false) }
  }

  /// Begins an ICE restart (RFC 8445 section 9): new credentials, to be signalled together with the candidates that come
  /// as events; then `setRemote` with the peer's new ones. Data keeps going on the old pair until a new one is nominated
  /// or the peer's consent to the old one expires.
  public func restart(credentials: ICECredentials = .random(), at now: Instant) {
    guard state != .closed else { return }
    beginSession(local: credentials, at: now)
    advance(at: now)
  }

  /// Ends all sending. Nothing is told to the peer; ICE has no goodbye.
  public func close() {
    selected = nil
    pairs = []
    gatheringRequests = []
    outgoing = []
    outgoingStart = 0
    nextDeadline = .distantFuture
    setState(.closed)
  }

  /// Notes that an authenticated packet of another protocol (SRTP, DTLS) came from the peer: it lives.
  public func noteReceivedData(at now: Instant) {
    if now > lastReceivedAt { lastReceivedAt = now }
    if state == .disconnected { advance(at: now) }
  }

  /// Does all that is due.
  public func handleTimeout(at now: Instant) {
    advance(at: now)
  }

  /// Whether `pollEvent` may have something.
  var hasEvents: Bool { !events.isEmpty || !isGatheringAnnounced }

  /// The next event, or nil.
  public func pollEvent() -> ICEEvent? {
    guard hasEvents else { return nil }
    if eventsStart < events.count {
      let event = events[eventsStart]
      eventsStart += 1
      return event
    }
    events.removeAll(keepingCapacity: true)
    eventsStart = 0
    // Only now, so that sockets added together count as one round of gathering.
    guard !isGatheringAnnounced, isGatheringComplete else { return nil }
    isGatheringAnnounced = true
    return .gatheringComplete
  }

  private func beginSession(local: ICECredentials, at now: Instant) {
    if let selected, selected.generation == session.generation { previousSession = session }
    session = ICESession(generation: session.generation + 1, local: local)
    pairs = []
    remoteCandidates = []
    hasRemoteEnded = false
    firstValidAt = nil
    checkingSince = now
    gatheringRequests = []
    reflexiveAddresses = []
    for socket in sockets { gather(on: socket) }
    if state == .failed { setState(.checking) }
  }

  /// Changes the role and with it the order of the pairs.
  func changeRole(to role: ICERole, announced: Bool = true) {
    self.role = role
    for index in pairs.indices { pairs[index].updatePriority(role: role) }
    if announced { emit(.roleChanged(role)) }
  }

  func emit(_ event: ICEEvent) {
    if events.count < Self.maximumEvents { events.append(event) }
  }

  func setState(_ state: ICEState) {
    guard state != self.state else { return }
    self.state = state
    emit(.stateChanged(state))
  }
}

extension IPAddress {
  /// Whether a check may be sent there: not unspecified, multicast or broadcast, so that a peer can't make us flood.
  var isUsableAsPeer: Bool {
    switch self {
    case .v4(let bits): bits != 0 && bits >> 28 < 14
    case .v6(let upper, _): !isUnspecified && upper >> 56 != 0xFF
    }
  }
}

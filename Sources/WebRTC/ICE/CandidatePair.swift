import Realtime

/// A pair of our socket and a remote candidate with what its checks told (RFC 8445 section 6.1.2).
///
/// Pairs are made from sockets only: a pair of a server-reflexive candidate would be sent from its base and so be pruned
/// in favour of the host candidate's (RFC 8445 section 6.1.2.4). The path thus names the pair.
struct CandidatePair {
  /// RFC 8445 section 6.1.2.6, without `frozen`: freezing spares checks that an equal foundation foretells when many
  /// streams and components are checked; with one of each (BUNDLE, rtcp-mux) it would only delay.
  enum State {
    /// Its check hasn't started.
    case waiting
    /// Its check is under way.
    case inProgress
    /// A check was answered: the pair is valid.
    case succeeded
    /// The check wasn't answered, or refused.
    case failed
    /// Not to be checked by ourselves, as another pair was nominated (RFC 8445 section 8.1.2).
    case stopped
  }

  /// The socket and the remote candidate.
  let path: TransportPath
  /// The priority of the socket's host candidate.
  let localPriority: UInt32
  /// PRIORITY to send: that of a peer-reflexive candidate on the socket.
  let checkPriority: UInt32
  /// The priority of the remote candidate.
  var remotePriority: UInt32
  /// What the socket is to the peer, known from its answer.
  var localKind = ICECandidate.Kind.host
  /// The kind of the remote candidate.
  var remoteKind: ICECandidate.Kind
  /// The pair's priority; depends on our role.
  var priority: UInt64 = 0
  /// How its checks stand.
  var state = State.waiting
  /// Goes before all that aren't, as the peer checked it (RFC 8445 section 6.1.4.1).
  var isTriggered = false
  /// The peer controls and sent USE-CANDIDATE.
  var isPeerNominated = false
  /// The outstanding check.
  var check: ConnectivityCheck?
  /// When a failed pair is tried again.
  var retryAt = Instant.distantFuture
  /// The round trip time of its last check that was answered without repetition; zero before.
  var roundTripTime = Duration.zero

  /// RFC 8445 section 6.1.2.3. Priorities above 2³¹ − 1, which the standard excludes, count as that.
  mutating func updatePriority(role: ICERole) {
    let (local, remote) = (UInt64(min(localPriority, 0x7FFF_FFFF)), UInt64(min(remotePriority, 0x7FFF_FFFF)))
    let (controlling, controlled) = role == .controlling ? (local, remote) : (remote, local)
    priority = min(local, remote) << 32 + 2 * max(local, remote) + (controlling > controlled ? 1 : 0)
  }
}

/// A request on its way, sent again until it is answered or given up (RFC 8489 section 6.2.1).
struct ConnectivityCheck {
  /// Ties the answer to it.
  let transactionID: STUNTransactionID
  /// Our role as the request tells it.
  let role: ICERole
  /// Whether it carries USE-CANDIDATE.
  let isNominating: Bool
  /// The last transmission.
  var sentAt: Instant
  /// How often it was sent for want of an answer.
  var transmissions = 1
  /// Whether it was sent more than once, so that an answer doesn't tell the round trip time (Karn's algorithm).
  var isRepeated = false
  /// Time until the next transmission.
  var timeout: Duration

  /// When it is sent again or given up.
  var deadline: Instant { sentAt + timeout }
}

/// The credentials of one run between restarts, with what is made from them once.
struct ICESession {
  /// Counts the restarts.
  let generation: Int
  /// Ours.
  let local: ICECredentials
  /// Checks what the peer asks.
  let localKey: STUNKey
  /// The peer's, once told.
  private(set) var remote: ICECredentials?
  /// Signs what we ask.
  private(set) var remoteKey: STUNKey?
  /// USERNAME of our requests.
  private(set) var outgoingUsername = ""

  init(generation: Int, local: ICECredentials) {
    self.generation = generation
    self.local = local
    localKey = STUNKey(password: local.password)
  }

  mutating func setRemote(_ credentials: ICECredentials) {
    remote = credentials
    remoteKey = STUNKey(password: credentials.password)
    outgoingUsername = "\(credentials.usernameFragment):\(local.usernameFragment)"
  }

  /// Whether `username` asks for this session: our fragment, a colon, the peer's fragment.
  func isAddressed(by username: UnsafeRawBufferPointer) -> Bool {
    let fragment = local.usernameFragment.utf8
    return username.count > fragment.count && username[fragment.count] == UInt8(ascii: ":")
      && username.prefix(fragment.count).elementsEqual(fragment)
  }
}

/// One of our sockets.
struct LocalSocket {
  let address: SocketAddress
  let localPreference: UInt16
}

/// A candidate of the peer.
struct RemoteCandidate {
  let address: SocketAddress
  var priority: UInt32
  var kind: ICECandidate.Kind
  var usernameFragment: String?
}

/// A request to a STUN server.
struct GatheringRequest {
  let path: TransportPath
  let localPreference: UInt16
  /// Nil until its first transmission.
  var check: ConnectivityCheck?
  var isDone = false
}

/// The pair that data goes on, which may belong to the session before a restart.
struct SelectedPair {
  var pair: ICESelectedPair
  let generation: Int
  let priority: UInt64
  let checkPriority: UInt32
  /// The last authenticated message on the path.
  var heardAt: Instant
  /// The last answer to a check on the path: consent runs from here.
  var answeredAt: Instant
  /// When the last consent check went out.
  var checkedAt: Instant
  /// When the next consent check is due in any case.
  var nextConsentAt: Instant
}

/// A packet to send, built when there is a buffer for it.
enum OutgoingMessage {
  case check(STUNTransactionID, generation: Int, priority: UInt32, role: ICERole, isNominating: Bool)
  case gathering(STUNTransactionID)
  case success(STUNTransactionID, generation: Int)
  case failure(STUNTransactionID, generation: Int, code: Int, unknownAttribute: UInt16?)
}

extension ICEAgent {
  /// The settings of an agent.
  public struct Configuration: Sendable {
    /// The role to begin with: the offerer controls (RFC 8445 section 6.1.1), unless the peer is lite.
    public var role: ICERole
    /// The tie-breaker of role conflicts; nil for a random one.
    public var tieBreaker: UInt64?
    /// STUN servers that tell our reflexive addresses. At most `ICEAgent.maximumServers` are used.
    public var stunServers: [SocketAddress] = []
    /// Sent as SOFTWARE to STUN servers only (it would identify us to strangers in each check); nil for nothing.
    public var software: String?

    /// Whether a socket on the loopback address checks addresses of other interfaces too. A server that listens there
    /// alone is reached by programs of the same machine, which gather no loopback candidates, from any of its addresses.
    public var pairsLoopbackWithOthers = false

    /// Ta: checks and gathering requests start this far apart (RFC 8445 section 14.2).
    public var checkInterval = Duration.milliseconds(50)
    /// How many checks may start at once after a rest, so that the first ones don't wait for Ta. Five packets of some
    /// hundred bytes are no burden for any path that shall carry video.
    public var checkBurst = 5
    /// The least first retransmission timeout (RFC 8445 section 14.3).
    public var minimumRetransmissionTimeout = Duration.milliseconds(500)
    /// The greatest retransmission timeout. RFC 8489 doubles up to 16 times the first, which after some losses would leave
    /// a person waiting for 8 s.
    public var maximumRetransmissionTimeout = Duration.seconds(2)
    /// Rc: how often a check is sent before it counts as failed (RFC 8489 section 6.2.1).
    public var maximumTransmissions = 7
    /// How often a request to a STUN server is sent.
    public var maximumGatheringTransmissions = 6

    /// How long the controlling agent waits for a better pair when the best so far is between two host candidates.
    public var hostNominationWait = Duration.milliseconds(100)
    /// How long it waits when the best pair so far goes through a NAT.
    public var reflexiveNominationWait = Duration.milliseconds(500)
    /// How long it waits when the best pair so far is relayed.
    public var relayedNominationWait = Duration.seconds(2)

    /// Mean time between consent checks, randomised by ±20 % (RFC 7675 section 5.1).
    public var consentInterval = Duration.seconds(5)
    /// How long consent holds after the last answered check (RFC 7675 section 5.1).
    public var consentTimeout = Duration.seconds(30)
    /// After this much silence the pair is checked more often, to tell a pause from a loss.
    public var probeAfter = Duration.milliseconds(2_500)
    /// Time between those checks.
    public var probeInterval = Duration.milliseconds(500)
    /// After this much silence the state is `disconnected`.
    public var disconnectedTimeout = Duration.seconds(5)
    /// How long checks may go on without any success before the state is `failed`. Government networks are slow.
    public var failureTimeout = Duration.seconds(60)

    /// The default settings for `role`.
    public init(role: ICERole) {
      self.role = role
    }
  }

  /// Most local sockets; a room has a few interfaces with two address families each.
  public static let maximumSockets = 16
  /// Most STUN servers asked.
  public static let maximumServers = 4
  /// Most remote candidates kept, peer-reflexive ones included; a host with many interfaces has some 20.
  public static let maximumRemoteCandidates = 64
  /// Most pairs checked (RFC 8445 section 6.1.2.5); the worst give way to better ones.
  public static let maximumPairs = 100
  /// Most packets waiting for `pollTransmit`; beyond it new ones are dropped, as by any network.
  static let maximumOutgoing = 128
  /// Most events waiting for `pollEvent`; reached only by an owner who doesn't poll.
  static let maximumEvents = 256
}

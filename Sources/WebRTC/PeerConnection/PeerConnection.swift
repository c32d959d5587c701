import DequeModule
import Realtime

/// A WebRTC peer connection (RFC 8825) without socket, clock or thread: ICE, DTLS-SRTP, RTP and data channels over one
/// bundled transport.
///
/// **Drain contract.** Its owner gives it packets, time and wishes, and after each such call
/// 1. takes packets with `pollTransmit()`, sends them, and gives their buffers back with `recycle(_:)`, until nil;
/// 2. takes events with `pollEvent()` until nil;
/// 3. calls `handleTimeout(at:)` when `nextDeadline` has come, which counts as such a call.
///
/// Times never run backwards. All calls come from one thread (an event loop); received media goes to the sinks during
/// `receive` and `handleTimeout`. Once media runs, nothing is allocated per packet or frame.
public final class PeerConnection {
  let configuration: Configuration
  let pool = PacketPool()
  let ice: ICEAgent
  let dtls: DTLSTransport
  var negotiator: Negotiator
  var inbound: SRTPSession?
  var outbound: SRTPSession?
  var data: SCTPAssociation?
  var isDataStarted = false
  var transceivers: [Int: Transceiver] = [:]
  var router = PacketRouter()
  /// All streams that are sent; kept, since reports and feedback ask for them often.
  var sendStreams: [RTPSendStream] = []
  var reports = RTCPScheduler()
  let reporter: RTCPReporter
  var arrivals = TransportFeedbackReceiver()
  var sentPackets = TransportFeedbackSender()
  var receiveBandwidth = ReceiveBandwidthEstimate()
  /// Whether the peer wants to be told a bitrate (REMB) rather than arrivals.
  var sendsBitrateEstimate = false
  /// The earliest deadline of RTCP feedback; kept, since asking every stream for each packet would be slow.
  var feedbackDeadline = Instant.distantFuture
  var events = Deque<PeerConnectionEvent>()
  var random: SeededRandom
  var localCandidates: [String] = []
  var isGatheringComplete = false
  var remoteFingerprints: [CertificateFingerprint] = []

  /// Packets that are sent as they are, in order.
  private var outgoing = Deque<PacketBuffer>()

  /// The state of the transports.
  public private(set) var state = PeerConnectionState.new
  /// The bitrate that the peer last allowed us (REMB), bits per second; nil before it said anything.
  public internal(set) var peerBitrateLimit: UInt64?
  /// The round trip that RTCP last measured; nil before the first.
  public internal(set) var roundTripTime: Duration?

  /// Counts of packets that were dropped, by reason.
  public internal(set) var drops = PacketDrops()

  /// A connection that knows nothing of its peer yet.
  public init(configuration: Configuration, at now: Instant) {
    self.configuration = configuration
    random = SeededRandom(seed: configuration.seed)
    negotiator = Negotiator(random: SeededRandom(seed: random.next()))
    var iceConfiguration = ICEAgent.Configuration(role: .controlling)
    iceConfiguration.stunServers = configuration.stunServers
    configuration.adjustICE(&iceConfiguration)
    ice = ICEAgent(configuration: iceConfiguration, random: SeededRandom(seed: random.next()))
    dtls = DTLSTransport(certificate: configuration.certificate, profiles: configuration.protectionProfiles)
    reporter = RTCPReporter(
      receiverSSRC: UInt32.random(in: 1...UInt32.max, using: &random), canonicalName: negotiator.canonicalName)
  }

  // MARK: Sockets

  /// Uses a bound socket: its address becomes a host candidate and may gather reflexive ones.
  public func addLocalSocket(_ address: SocketAddress, at now: Instant) {
    guard state != .closed else { return }
    ice.addLocalSocket(address, at: now)
    advance(at: now)
  }

  // MARK: Drain

  /// Takes in a datagram, whose contents may be overwritten.
  public func receive(_ datagram: PacketBuffer, on path: TransportPath, at now: Instant) {
    guard state != .closed, datagram.count > 0 else { return }
    // RFC 7983 §7: the first byte tells the protocol.
    switch datagram.base.load(as: UInt8.self) {
    case 0...3:
      if !ice.handle(datagram.bytes, on: path, at: now) { drops.foreign += 1 }
    case 20...63:
      dtls.handle(datagram.bytes, at: now) { data?.handle($0, at: now) }
    case 128...191:
      receiveProtected(datagram, at: now)
      // Media moves neither DTLS nor SCTP, and ICE only when the peer had been silent: the short way for most packets.
      if !ice.hasEvents {
        if isMediaRunning { runFeedback(at: now) }
        return
      }
    default:
      drops.foreign += 1
    }
    advance(at: now)
  }

  /// The next packet to send; nil when there is none.
  public func pollTransmit() -> OutgoingPacket? {
    // Optionals that hold nothing are asked for only where they may hold something: this runs once a packet.
    if ice.hasOutgoing, let check = ice.pollTransmit(into: pool) { return check }
    guard let path = ice.selectedPath else {
      while let packet = nextPacket() { pool.recycle(packet) }
      return nil
    }
    guard let packet = nextPacket() else { return nil }
    return OutgoingPacket(packet, on: path)
  }

  private func nextPacket() -> PacketBuffer? {
    if let packet = dtls.pollTransmit(into: pool) { return packet }
    return outgoing.isEmpty ? nil : outgoing.removeFirst()
  }

  /// Takes back the buffer of a packet that was sent.
  public func recycle(_ buffer: PacketBuffer) {
    pool.recycle(buffer)
  }

  /// The next event; nil when there is none.
  public func pollEvent() -> PeerConnectionEvent? {
    events.isEmpty ? nil : events.removeFirst()
  }

  /// When to call `handleTimeout(at:)`; `distantFuture` when nothing is due.
  public var nextDeadline: Instant {
    if state == .closed { return .distantFuture }
    var deadline = min(ice.nextDeadline, dtls.nextDeadline)
    if let data { deadline = min(deadline, data.nextDeadline) }
    return isMediaRunning ? min(deadline, feedbackDeadline, reports.nextDeadline) : deadline
  }

  /// Does what is due at `now`.
  public func handleTimeout(at now: Instant) {
    guard state != .closed else { return }
    if ice.nextDeadline <= now { ice.handleTimeout(at: now) }
    if dtls.nextDeadline <= now { dtls.handleTimeout(at: now) }
    if let data, data.nextDeadline <= now { data.handleTimeout(at: now) }
    advance(at: now)
  }

  /// Ends the connection: says goodbye to the peer, then does nothing any more. Drain once more for the goodbye.
  public func close(at now: Instant) {
    guard state != .closed else { return }
    sendGoodbyes()
    data?.close(at: now)
    flushData(at: now)
    dtls.close(at: now)
    change(to: .closed)
  }

  // MARK: Inner works

  /// Whether media may flow.
  var isMediaRunning: Bool { outbound != nil }

  func enqueue(_ packet: PacketBuffer) {
    outgoing.append(packet)
  }

  /// Carries what one part has to tell over to the others.
  func advance(at now: Instant) {
    while let event = ice.pollEvent() { handle(event) }
    startDTLSIfPossible(at: now)
    while let event = dtls.pollEvent() { handle(event, at: now) }
    if isMediaRunning { runFeedback(at: now) }
    flushData(at: now)
  }

  private func handle(_ event: ICEEvent) {
    switch event {
    case .stateChanged(let iceState):
      if iceState == .failed { change(to: .failed(.ice)) } else { updateState() }
    case .localCandidate(let candidate):
      let line = candidate.description
      localCandidates.append(line)
      guard let mid = negotiator.sections.first(where: \.isPlaced)?.mid else { return }
      events.append(.localCandidate(line, mid: mid, usernameFragment: ice.localCredentials.usernameFragment))
    case .gatheringComplete:
      isGatheringComplete = true
      events.append(.gatheringComplete)
    case .selectedPair:
      updateState()
    case .roleChanged:
      break
    }
  }

  private func startDTLSIfPossible(at now: Instant) {
    guard dtls.state == .new, ice.selectedPath != nil, !remoteFingerprints.isEmpty,
      let isClient = negotiator.isDTLSClient
    else { return }
    do {
      try dtls.start(role: isClient ? .client : .server, fingerprints: remoteFingerprints, at: now)
      change(to: .connecting)
    } catch {
      change(to: .failed(.dtls(reason: "\(error)")))
    }
  }

  private func handle(_ event: DTLSTransport.Event, at now: Instant) {
    switch event {
    case .connected(let material):
      do {
        // Repeats: a NACK without RTX is answered with the very packet that was lost (RFC 4585 §6.2.1).
        outbound = try SRTPSession(.outbound, keying: material, allowsRepeats: true)
        inbound = try SRTPSession(.inbound, keying: material)
      } catch {
        return change(to: .failed(.dtls(reason: "\(error)")))
      }
      reports.streamBegan(at: now)
      startDataIfPossible(at: now)
      updateState()
    case .failed(let error):
      change(to: .failed(.dtls(reason: "\(error)")))
    case .closed:
      change(to: .failed(.dtls(reason: "closed by the peer")))
    }
  }

  private func updateState() {
    if case .failed = state, dtls.state != .connected { return }
    switch ice.state {
    case .new, .closed: break
    case .checking: change(to: .connecting)
    case .connected, .completed: change(to: dtls.state == .connected ? .connected : .connecting)
    case .disconnected: change(to: .disconnected)
    case .failed: change(to: .failed(.ice))
    }
  }

  private func change(to newState: PeerConnectionState) {
    guard newState != state, state != .closed else { return }
    state = newState
    events.append(.stateChanged(newState))
  }
}

/// Packets that a connection dropped, by reason.
public struct PacketDrops: Hashable, Sendable {
  /// Not of this connection: no STUN of ours, DTLS, RTP or RTCP.
  public var foreign = 0
  /// SRTP or SRTCP that wasn't authentic, or came twice.
  public var unauthentic = 0
  /// RTP or RTCP whose structure is broken.
  public var malformed = 0
  /// RTP of a source that no m-line announces.
  public var unrouted = 0
}

import NetworkModel
import Realtime
import Testing
import WebRTC

/// The address that `text` writes; a wrong one becomes 0.0.0.0:0, which no agent accepts.
func socket(_ text: String) -> SocketAddress {
  SocketAddress(text) ?? SocketAddress(ip: .v4(0), port: 0)
}

extension SocketAddress {
  var endpoint: Network<IPAddress>.Endpoint { .init(ip, port) }
}

extension Network<IPAddress>.Endpoint {
  var address: SocketAddress { SocketAddress(ip: host, port: port) }
}

/// Agents in a network in virtual time, with signalling that delays candidates.
final class ICEScenario {
  var network: Network<IPAddress>
  var now = Instant(nanoseconds: 1_000_000_000)
  var signallingDelay = Duration.milliseconds(30)
  var isSignallingCandidates = true
  private(set) var peers: [Peer] = []
  /// Things at other addresses: given a packet, the answer.
  var servers: [SocketAddress: (_ request: [UInt8], _ source: SocketAddress) -> [UInt8]?] = [:]
  private var signals: [(at: Instant, to: Peer, candidate: ICECandidate)] = []

  init(link: LinkConfiguration = .init(latency: .milliseconds(20)), seed: UInt64 = 1) {
    network = Network(link: link, seed: seed)
  }

  func addPeer(
    _ role: ICERole, _ addresses: SocketAddress..., seed: UInt64,
    configure: (inout ICEAgent.Configuration) -> Void = { _ in }
  ) -> Peer {
    var configuration = ICEAgent.Configuration(role: role)
    configure(&configuration)
    let peer = Peer(configuration, seed: seed)
    peers.append(peer)
    for address in addresses { addSocket(address, to: peer) }
    return peer
  }

  func addSocket(_ address: SocketAddress, to peer: Peer) {
    peer.sockets.insert(address)
    peer.agent.addLocalSocket(address, at: now)
  }

  /// Lets the two know of each other.
  func connect(_ left: Peer, _ right: Peer) {
    left.other = right
    right.other = left
    left.agent.setRemote(credentials: right.agent.localCredentials, isLite: false, at: now)
    right.agent.setRemote(credentials: left.agent.localCredentials, isLite: false, at: now)
  }

  /// Sends data on the pair the agent has selected; false when it has none.
  @discardableResult
  func sendData(_ peer: Peer) -> Bool {
    guard let path = peer.agent.selectedPath else { return false }
    network.send([0x80, 1, 2, 3], from: path.local.endpoint, to: path.remote.endpoint, at: now)
    return true
  }

  func run(for duration: Duration, until condition: () -> Bool = { false }) {
    let end = now + duration
    var turnsAtThisInstant = 0
    while !condition() {
      drain()
      if condition() { return }
      let next = [network.nextArrival, signals.map(\.at).min(), peers.map(\.agent.nextDeadline).min()].compactMap { $0 }
        .min()
      guard let next, next <= end else {
        now = max(now, end)
        return
      }
      turnsAtThisInstant = next > now ? 0 : turnsAtThisInstant + 1
      if turnsAtThisInstant > 20 {
        Issue.record("time stands still at \(now)")
        return
      }
      now = max(now, next)
      step()
    }
  }

  private func drain() {
    for peer in peers {
      while let packet = peer.agent.pollTransmit(into: peer.pool) {
        peer.sentCount += 1
        network.send(
          Array(packet.buffer.bytes), from: packet.path.local.endpoint, to: packet.path.remote.endpoint, at: now)
        peer.pool.recycle(packet.buffer)
      }
      while let event = peer.agent.pollEvent() {
        peer.events.append((event, now))
        if case .localCandidate(let candidate) = event, let other = peer.other, isSignallingCandidates {
          signals.append((now + signallingDelay, other, candidate))
        }
      }
    }
  }

  private func step() {
    while let index = signals.firstIndex(where: { $0.at <= now }) {
      let signal = signals.remove(at: index)
      // By way of its text, as between real peers.
      if let candidate = ICECandidate(signal.candidate.description) {
        signal.to.agent.addRemoteCandidate(candidate, at: now)
      }
    }
    while let packet = network.popArrival(at: now) { deliver(packet) }
    for peer in peers where peer.agent.nextDeadline <= now { peer.agent.handleTimeout(at: now) }
  }

  private func deliver(_ packet: Network<IPAddress>.Packet) {
    let (source, destination) = (packet.source.address, packet.destination.address)
    if let server = servers[destination] {
      if let answer = server(packet.bytes, source) {
        network.send(answer, from: packet.destination, to: packet.source, at: now)
      }
      return
    }
    guard let peer = peers.first(where: { $0.sockets.contains(destination) }) else { return }
    let path = TransportPath(local: destination, remote: source)
    if packet.bytes.first ?? 0 >= 0x80 {
      peer.received.append((path, now))
      peer.agent.noteReceivedData(at: now)
    } else {
      _ = packet.bytes.withUnsafeBytes { peer.agent.handle($0, on: path, at: now) }
    }
  }
}

extension ICEScenario {
  /// A peer in a scenario: an agent with its sockets and what it said.
  final class Peer {
    let agent: ICEAgent
    let pool = PacketPool()
    var sockets: Set<SocketAddress> = []
    var events: [(event: ICEEvent, at: Instant)] = []
    /// When and from where data came in.
    var received: [(path: TransportPath, at: Instant)] = []
    var sentCount = 0
    /// Whom candidates are signalled to.
    weak var other: Peer?

    init(_ configuration: ICEAgent.Configuration, seed: UInt64) {
      var random = SeededRandom(seed: seed)
      agent = ICEAgent(configuration: configuration, credentials: .init(using: &random), random: random)
    }

    var states: [ICEState] {
      events.compactMap { if case .stateChanged(let state) = $0.event { state } else { nil } }
    }

    var candidates: [ICECandidate] {
      events.compactMap { if case .localCandidate(let candidate) = $0.event { candidate } else { nil } }
    }

    var roleChanges: [ICERole] {
      events.compactMap { if case .roleChanged(let role) = $0.event { role } else { nil } }
    }

    func time(of state: ICEState) -> Instant? {
      events.first { $0.event == .stateChanged(state) }?.at
    }
  }
}

/// Answers like a STUN server: Binding requests get their source address.
func stunServer(_ request: [UInt8], _ source: SocketAddress) -> [UInt8]? {
  request.withUnsafeBytes { bytes in
    guard let message = try? STUNMessage(parsing: bytes), message.messageClass == .request else { return nil }
    return stun(.successResponse, message.transactionID) {
      $0.appendXORMappedAddress(source)
      $0.appendFingerprint()
    }
  }
}

/// The bytes of a STUN message.
func stun(
  _ messageClass: STUNMessageClass, _ id: STUNTransactionID, _ write: (inout STUNMessageWriter) -> Void
) -> [UInt8] {
  let buffer = PacketBuffer()
  var writer = STUNMessageWriter(buffer.memory, messageClass, transactionID: id)
  write(&writer)
  buffer.count = writer.finishedCount
  return Array(buffer.bytes)
}

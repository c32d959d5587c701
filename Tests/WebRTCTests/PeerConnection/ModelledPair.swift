import NetworkModel
import Realtime
import WebRTC

/// Two peer connections on a model network, in virtual time.
final class ModelledPair {
  enum Side: Hashable { case left, right }

  let left: PeerConnection
  let right: PeerConnection
  private(set) var now = Instant(nanoseconds: 1_000_000_000)
  private(set) var events: [Side: [PeerConnectionEvent]] = [.left: [], .right: []]
  var network: Network<IPAddress>
  private let incoming = PacketBuffer()
  private var addresses: [Side: SocketAddress] = [:]
  /// Called for each event as it comes; candidates are trickled by the pair itself.
  var onEvent: (Side, PeerConnectionEvent) -> Void = { _, _ in }

  init(link: LinkConfiguration = LinkConfiguration(latency: .milliseconds(10)), seed: UInt64 = 1) throws {
    network = Network(link: link, seed: seed)
    let certificate = try Certificate()
    let start = now
    func make(_ seed: UInt64) -> PeerConnection {
      let clock = NTPClock(NTPTime(rawValue: 0xE000_0000_0000_0000), at: start)
      return PeerConnection(
        configuration: .init(certificate: certificate, ntpClock: clock, seed: seed), at: start)
    }
    left = make(seed &* 2)
    right = make(seed &* 2 &+ 1)
    addresses[.left] = SocketAddress(ip: .v4(0x0A00_0001), port: 4_000)
    addresses[.right] = SocketAddress(ip: .v4(0x0A00_0002), port: 5_000)
    for side in [Side.left, .right] { connection(side).addLocalSocket(addresses[side]!, at: now) }
    drain()
  }

  func connection(_ side: Side) -> PeerConnection { side == .left ? left : right }

  private func other(_ side: Side) -> Side { side == .left ? .right : .left }

  /// Offer by `side`, answer by the other, each delivered at once.
  func negotiate(from side: Side = .left, restartICE: Bool = false) throws {
    let offer = try connection(side).createOffer(restartICE: restartICE, at: now)
    try connection(other(side)).setRemoteOffer(offer, at: now)
    let answer = try connection(other(side)).createAnswer(at: now)
    try connection(side).setRemoteAnswer(answer, at: now)
    drain()
  }

  /// Lets `duration` pass.
  func run(for duration: Duration, until isDone: () -> Bool = { false }) {
    let end = now + duration
    drain()
    while !isDone() {
      let next = [left.nextDeadline, right.nextDeadline, network.nextArrival ?? .distantFuture].min()!
      guard next <= end else { break }
      now = max(now, next)
      while let packet = network.popArrival(at: now) { deliver(packet) }
      for side in [Side.left, .right] where connection(side).nextDeadline <= now {
        connection(side).handleTimeout(at: now)
        drain(side)
      }
    }
    if !isDone() { now = max(now, end) }
  }

  func drain() {
    drain(.left)
    drain(.right)
  }

  private func drain(_ side: Side) {
    let connection = connection(side)
    while let packet = connection.pollTransmit() {
      let path = packet.path
      network.send(
        Array(packet.buffer.bytes), from: .init(path.local.ip, path.local.port),
        to: .init(path.remote.ip, path.remote.port), at: now)
      connection.recycle(packet.buffer)
    }
    while let event = connection.pollEvent() {
      events[side, default: []].append(event)
      if case .localCandidate(let line, _, _) = event {
        try? self.connection(other(side)).addRemoteCandidate(line, at: now)
      }
      onEvent(side, event)
    }
  }

  private func deliver(_ packet: Network<IPAddress>.Packet) {
    let side: Side = packet.destination.host == addresses[.left]!.ip ? .left : .right
    packet.bytes.withUnsafeBytes { _ = incoming.assign($0) }
    let path = TransportPath(
      local: SocketAddress(ip: packet.destination.host, port: packet.destination.port),
      remote: SocketAddress(ip: packet.source.host, port: packet.source.port))
    connection(side).receive(incoming, on: path, at: now)
    drain(side)
  }

  /// Whether both sides are connected.
  var isConnected: Bool { left.state == .connected && right.state == .connected }

  /// The tracks that were announced to `side`.
  func tracks(at side: Side) -> [RemoteTrack] {
    events[side, default: []].compactMap { if case .trackAdded(let track) = $0 { track } else { nil } }
  }
}

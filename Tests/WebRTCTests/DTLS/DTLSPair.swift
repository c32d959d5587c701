import DequeModule
import Realtime
import WebRTC

/// Two DTLS transports and a path between them, in virtual time.
final class DTLSPair {
  /// What the path does with a datagram.
  enum Fate {
    case deliver, lose, duplicate
  }

  let client: DTLSTransport
  let server: DTLSTransport
  var now = Instant(nanoseconds: 5_000_000_000)
  /// One way.
  var latency = Duration.milliseconds(20)
  /// Decides about the datagram of this number (counted over both directions) and sender.
  var fate: (_ number: Int, _ fromClient: Bool) -> Fate = { _, _ in .deliver }

  private(set) var clientEvents: [DTLSTransport.Event] = []
  private(set) var serverEvents: [DTLSTransport.Event] = []
  private(set) var clientReceived: [[UInt8]] = []
  private(set) var serverReceived: [[UInt8]] = []
  private(set) var datagramCount = 0
  private(set) var largestDatagram = 0
  /// When the client sent something.
  private(set) var clientSendTimes: [Instant] = []

  private struct Flying {
    let arrival: Instant
    let toClient: Bool
    let bytes: [UInt8]
  }
  private var flying: [Flying] = []
  private let pool = PacketPool()

  init(client: DTLSTransport, server: DTLSTransport) {
    self.client = client
    self.server = server
  }

  /// Two transports with certificates of their own that know each other's fingerprints.
  static func started(
    clientProfiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMHMACSHA1_80],
    serverProfiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMHMACSHA1_80]
  ) throws -> DTLSPair {
    let (one, other) = (try Certificate(), try Certificate())
    let pair = DTLSPair(
      client: DTLSTransport(certificate: one, profiles: clientProfiles),
      server: DTLSTransport(certificate: other, profiles: serverProfiles))
    try pair.server.start(role: .server, fingerprints: [one.fingerprint], at: pair.now)
    try pair.client.start(role: .client, fingerprints: [other.fingerprint], at: pair.now)
    return pair
  }

  /// Lets `duration` pass, or less when `isDone`.
  func run(for duration: Duration, until isDone: () -> Bool = { false }) {
    let end = now + duration
    drain()
    while !isDone() {
      let arrival = flying.map(\.arrival).min() ?? .distantFuture
      let next = min(arrival, client.nextDeadline, server.nextDeadline)
      guard next <= end else { break }
      now = max(now, next)
      deliver()
      client.handleTimeout(at: now)
      server.handleTimeout(at: now)
      drain()
    }
    if !isDone() { now = end }
  }

  private func deliver() {
    let arrived = flying.filter { $0.arrival <= now }
    flying.removeAll { $0.arrival <= now }
    for datagram in arrived {
      datagram.bytes.withUnsafeBytes { bytes in
        if datagram.toClient {
          client.handle(bytes, at: now) { clientReceived.append(Array($0)) }
        } else {
          server.handle(bytes, at: now) { serverReceived.append(Array($0)) }
        }
      }
    }
  }

  private func drain() {
    while let buffer = client.pollTransmit(into: pool) { send(buffer, fromClient: true) }
    while let buffer = server.pollTransmit(into: pool) { send(buffer, fromClient: false) }
    while let event = client.pollEvent() { clientEvents.append(event) }
    while let event = server.pollEvent() { serverEvents.append(event) }
  }

  private func send(_ buffer: PacketBuffer, fromClient: Bool) {
    let datagram = Flying(arrival: now + latency, toClient: !fromClient, bytes: Array(buffer.bytes))
    pool.recycle(buffer)
    largestDatagram = max(largestDatagram, datagram.bytes.count)
    if fromClient { clientSendTimes.append(now) }
    switch fate(datagramCount, fromClient) {
    case .deliver: flying.append(datagram)
    case .duplicate: flying += [datagram, datagram]
    case .lose: break
    }
    datagramCount += 1
  }

  var areConnected: Bool { client.state == .connected && server.state == .connected }
}

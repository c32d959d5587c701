import DequeModule
import Realtime
import WebRTC

/// Two associations and a path with loss between them, in virtual time.
final class SCTPPair {
  let client: SCTPAssociation
  let server: SCTPAssociation
  var now = Instant(nanoseconds: 1_000_000_000)
  /// One way.
  var latency = Duration.milliseconds(20)
  /// Share of the packets that get lost.
  var loss = 0.0
  /// Looks at each packet before it flies; false loses it.
  var filter: (_ packet: UnsafeRawBufferPointer, _ fromClient: Bool) -> Bool = { _, _ in true }

  var clientEvents: [SCTPAssociation.Event] = []
  var serverEvents: [SCTPAssociation.Event] = []
  private(set) var packetCount = 0
  private(set) var largestPacket = 0

  private struct Flying {
    let arrival: Instant
    let buffer: PacketBuffer
  }
  private var toClient = Deque<Flying>()
  private var toServer = Deque<Flying>()
  private var random: SeededRandom
  private let pool = PacketPool()

  init(seed: UInt64 = 1, maximumReceiveSize: Int = 262_144) {
    client = SCTPAssociation(maximumReceiveSize: maximumReceiveSize)
    server = SCTPAssociation(maximumReceiveSize: maximumReceiveSize)
    random = SeededRandom(seed: seed)
  }

  /// Two associations that are up.
  static func connected(seed: UInt64 = 1, maximumReceiveSize: Int = 262_144) throws -> SCTPPair {
    let pair = SCTPPair(seed: seed, maximumReceiveSize: maximumReceiveSize)
    try pair.start()
    pair.run(for: .seconds(10)) { pair.areConnected }
    return pair
  }

  func start(remoteMaximumMessageSize: Int = 262_144) throws {
    try client.start(role: .client, remoteMaximumMessageSize: remoteMaximumMessageSize, at: now)
    try server.start(role: .server, remoteMaximumMessageSize: remoteMaximumMessageSize, at: now)
  }

  var areConnected: Bool { client.isConnected && server.isConnected }

  /// Lets `duration` pass, or less when `isDone`.
  func run(for duration: Duration, until isDone: () -> Bool = { false }) {
    let end = now + duration
    drain()
    while !isDone() {
      let arrival = min(toClient.first?.arrival ?? .distantFuture, toServer.first?.arrival ?? .distantFuture)
      let next = min(arrival, client.nextDeadline, server.nextDeadline)
      guard next <= end else { break }
      now = max(now, next)
      deliver(&toClient, to: client)
      deliver(&toServer, to: server)
      client.handleTimeout(at: now)
      server.handleTimeout(at: now)
      drain()
    }
    if !isDone() { now = end }
  }

  private func deliver(_ flying: inout Deque<Flying>, to association: SCTPAssociation) {
    while let first = flying.first, first.arrival <= now {
      flying.removeFirst()
      association.handle(first.buffer.bytes, at: now)
      pool.recycle(first.buffer)
    }
  }

  private func drain() {
    while let buffer = client.pollTransmit(into: pool) { fly(buffer, &toServer, fromClient: true) }
    while let buffer = server.pollTransmit(into: pool) { fly(buffer, &toClient, fromClient: false) }
    while let event = client.pollEvent() { clientEvents.append(event) }
    while let event = server.pollEvent() { serverEvents.append(event) }
  }

  private func fly(_ buffer: PacketBuffer, _ flying: inout Deque<Flying>, fromClient: Bool) {
    packetCount += 1
    largestPacket = max(largestPacket, buffer.count)
    if filter(buffer.bytes, fromClient), Double.random(in: 0..<1, using: &random) >= loss {
      flying.append(Flying(arrival: now + latency, buffer: buffer))
    } else {
      pool.recycle(buffer)
    }
  }
}

extension SCTPAssociation {
  /// Sends an array.
  func send(_ bytes: [UInt8], isBinary: Bool = true, on id: DataChannelID, at now: Instant) throws(SCTPError) {
    let result = bytes.withUnsafeBytes { message -> Result<Void, SCTPError> in
      do throws(SCTPError) {
        return .success(try send(message, isBinary: isBinary, on: id, at: now))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }
}

extension [SCTPAssociation.Event] {
  /// The messages among the events.
  var messages: [[UInt8]] {
    compactMap { event in
      if case .message(_, let bytes, _) = event { bytes } else { nil }
    }
  }

  /// The channels that were opened.
  var opened: [DataChannelID] {
    compactMap { event in
      if case .opened(let id) = event { id } else { nil }
    }
  }

  /// The channels that were closed.
  var closed: [DataChannelID] {
    compactMap { event in
      if case .closed(let id, _) = event { id } else { nil }
    }
  }
}

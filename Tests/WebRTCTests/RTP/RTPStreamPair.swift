import Realtime

@testable import WebRTC

/// A sending and a receiving stream with a seeded network between them.
final class RTPStreamPair {
  static let mediaSSRC: UInt32 = 0x1111
  static let retransmissionSSRC: UInt32 = 0x2222

  var random = SeededRandom(seed: 7)
  let pool = PacketPool()
  let sender: RTPSendStream
  let receiver: RTPReceiveStream
  let map = RTPSamples.oneByteMap
  var now = Instant(nanoseconds: 1_000_000_000)
  /// The probability that a packet or a request is lost.
  var loss = 0.0
  /// What the receiver made of packets, without discarded ones.
  var kinds: [Int64: ReceivedRTPPacket.Kind] = [:]
  var payloads: [Int64: UInt8] = [:]
  var duplicates = 0
  var abandoned: [ClosedRange<Int64>] = []
  /// Packets on their way, in order of arrival.
  private var inFlight: [(packet: PacketBuffer, arrival: Instant, isControl: Bool)] = []
  let oneWayDelay: Duration

  init(
    hasRetransmissionStream: Bool = true, oneWayDelay: Duration = .milliseconds(20),
    policy: NACKGenerator.Policy = .video
  ) {
    self.oneWayDelay = oneWayDelay
    let ssrc = hasRetransmissionStream ? Self.retransmissionSSRC : nil
    sender = RTPSendStream(
      .init(
        ssrc: Self.mediaSSRC, clockRate: 90_000, retransmissionSSRC: ssrc,
        retransmissionPayloadTypes: hasRetransmissionStream ? [96: 97] : [:], extensions: map, mid: "1", rid: "f"),
      using: &random)
    receiver = RTPReceiveStream(
      .init(
        ssrc: Self.mediaSSRC, clockRate: 90_000, retransmissionSSRC: ssrc, retransmissionPayloadTypes: [97: 96],
        nackPolicy: policy))
    receiver.roundTripTime = oneWayDelay * 2
  }

  /// Sends the packet `index`, whose first byte of payload tells its number.
  func send(_ index: Int, isLost: Bool? = nil) throws {
    let packet = pool.take()
    try sender.begin(packet, payloadType: 96, marker: true, timestamp: UInt32(index) * 900, capturedAt: now)
    packet.append([UInt8(truncatingIfNeeded: index)] + [UInt8](repeating: 0, count: 99))
    sender.end(packet, at: now)
    transmit(packet, isControl: false, isLost: isLost)
  }

  private func transmit(_ packet: PacketBuffer, isControl: Bool, isLost: Bool? = nil) {
    let isLost = isLost ?? (Double.random(in: 0..<1, using: &random) < loss)
    if isLost {
      pool.recycle(packet)
    } else {
      inFlight.append((packet, now + oneWayDelay, isControl))
    }
  }

  /// Lets a millisecond pass.
  func tick() throws {
    now = now + .milliseconds(1)
    while let first = inFlight.first, first.arrival <= now {
      inFlight.removeFirst()
      if first.isControl { receiveControl(first.packet) } else { try receiveMedia(first.packet) }
      pool.recycle(first.packet)
    }
    if now >= receiver.nextDeadline {
      let packet = pool.take()
      var writer = RTCPWriter(packet)
      _ = receiver.pollFeedback(at: now, senderSSRC: 1, to: &writer)
      if writer.isEmpty { pool.recycle(packet) } else { transmit(packet, isControl: true) }
    }
    while let range = receiver.nextAbandoned() { abandoned.append(range) }
  }

  private func receiveMedia(_ packet: PacketBuffer) throws {
    let header = try RTPHeader(parsing: packet.bytes, extensions: map)
    let result = receiver.receive(header, packet.bytes, at: now)
    switch result.kind {
    case .discarded: break
    case .duplicate: duplicates += 1
    case .media, .recovered, .padding:
      kinds[result.sequenceNumber] = result.kind
      payloads[result.sequenceNumber] = result.header.payload.bytes(of: packet.bytes).first
    }
  }

  private func receiveControl(_ packet: PacketBuffer) {
    for packet in RTCPReader(packet.bytes) {
      switch packet {
      case .genericNACK(let nack): sender.receive(nack, at: now)
      case .pictureLossIndication: sender.receivePictureLossIndication()
      default: break
      }
    }
    while true {
      let packet = pool.take()
      guard sender.nextRetransmission(to: packet, at: now) else {
        pool.recycle(packet)
        break
      }
      transmit(packet, isControl: false)
    }
  }

  /// Numbers that came, if the first one sent is 0.
  var indices: [Int64] {
    let first = kinds.keys.min() ?? 0
    return kinds.keys.map { $0 - first }.sorted()
  }
}

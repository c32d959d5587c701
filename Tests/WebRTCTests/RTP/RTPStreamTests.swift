import Realtime
import Testing

@testable import WebRTC

@Suite("RTP streams")
struct RTPStreamTests {
  @Test("with every tenth packet lost, retransmission brings them all", arguments: [true, false])
  func recovery(hasRetransmissionStream: Bool) throws {
    let pair = RTPStreamPair(hasRetransmissionStream: hasRetransmissionStream)
    try pair.send(0, isLost: false)
    pair.loss = 0.1
    for index in 1..<5_000 {
      try pair.tick()
      try pair.send(index)
    }
    pair.loss = 0
    try pair.send(5_000)
    for _ in 0..<1_500 { try pair.tick() }

    #expect(pair.indices == Array(0...5_000))
    #expect(pair.abandoned.isEmpty)
    #expect(pair.receiver.missingCount == 0)
    let first = try #require(pair.payloads.keys.min())
    for (number, payload) in pair.payloads { #expect(payload == UInt8(truncatingIfNeeded: number - first)) }
    let recovered = pair.kinds.values.count { $0 == .recovered }
    #expect((400...600).contains(recovered))
    #expect(pair.receiver.recoveredCount == UInt64(recovered))
    // Nearly each repeat was needed: those that crossed a second request excepted.
    #expect(pair.sender.retransmittedCount < UInt64(Double(recovered) * 1.3))
  }

  @Test("retransmission goes on across the wrap of both streams' numbers")
  func wrap() throws {
    let pair = RTPStreamPair(oneWayDelay: .milliseconds(5))
    try pair.send(0, isLost: false)
    pair.loss = 0.1
    for index in 1..<66_000 {
      try pair.tick()
      try pair.send(index, isLost: index % 3 == 0)
    }
    for _ in 0..<1_500 { try pair.tick() }
    // A tenth of requests and repeats is lost too, which five repeats nearly always outdo.
    #expect(pair.receiver.abandonedCount <= 2)
    #expect(pair.kinds.count + Int(pair.receiver.abandonedCount) == 66_000)
    #expect(pair.kinds.values.count { $0 == .recovered } >= 21_998)
    let first = try #require(pair.payloads.keys.min())
    for (number, payload) in pair.payloads where payload != UInt8(truncatingIfNeeded: number - first) {
      Issue.record("\(number) has another packet's payload")
    }
  }

  @Test("a repeat of a packet after the newest closes the gap before it comes up")
  func tailLoss() throws {
    let receiver = RTPReceiveStream(
      .init(
        ssrc: 0xDEAD_BEEF, clockRate: 48_000, retransmissionSSRC: 0xCAFE, retransmissionPayloadTypes: [112: 111],
        nackPolicy: .video))
    let now = Instant(nanoseconds: 0)
    let original = PacketBuffer(hexadecimal: RTPSamples.plain)
    let packet = PacketBuffer(hexadecimal: RTPSamples.retransmission)
    let repeated = try RTPHeader(parsing: packet.bytes, extensions: RTPSamples.oneByteMap)
    // Before any media there is nothing that it could repair.
    #expect(receiver.receive(repeated, packet.bytes, at: now).kind == .discarded)
    var header = try RTPHeader(parsing: original.bytes, extensions: RTPSamples.oneByteMap)
    header.sequenceNumber = 65_533
    let first = receiver.receive(header, original.bytes, at: now)
    let last = receiver.receive(repeated, packet.bytes, at: now)
    #expect(last.kind == .recovered)
    #expect(last.sequenceNumber == first.sequenceNumber + 2)
    #expect(receiver.missingCount == 1)
    header.sequenceNumber = 65_534
    #expect(receiver.receive(header, original.bytes, at: now).kind == .media)
    #expect(receiver.missingCount == 0)
    header.sequenceNumber = 65_535
    #expect(receiver.receive(header, original.bytes, at: now).kind == .duplicate)
  }

  @Test("steady traffic with loss allocates no packets")
  func allocations() throws {
    let pair = RTPStreamPair()
    pair.loss = 0.1
    for index in 0..<3_000 {
      try pair.tick()
      try pair.send(index)
    }
    let count = pair.pool.allocatedCount
    for index in 3_000..<9_000 {
      try pair.tick()
      try pair.send(index)
    }
    #expect(pair.pool.allocatedCount <= count + 2)
  }

  @Test("what can't be repeated is given up and reported once")
  func abandonment() throws {
    let pair = RTPStreamPair()
    // Every request for it is lost.
    for index in 0..<3_000 {
      try pair.send(index, isLost: index == 1 ? true : false)
      if index == 1 { pair.loss = 1 }
      try pair.tick()
    }
    let first = try #require(pair.kinds.keys.min())
    #expect(pair.abandoned == [first + 1...first + 1])
    #expect(pair.receiver.abandonedCount == 1)
    #expect(pair.receiver.cumulativeLost == 1)
  }

  @Test("too large a gap is given up and a key frame asked for, until one comes")
  func keyFrame() throws {
    let pair = RTPStreamPair()
    try pair.send(0)
    for index in 1..<1_500 { try pair.send(index, isLost: true) }
    try pair.send(1_500)
    for _ in 0..<45 { try pair.tick() }
    #expect(pair.abandoned.count == 1)
    #expect(pair.sender.takeKeyFrameRequest(at: pair.now))
    #expect(!pair.sender.takeKeyFrameRequest(at: pair.now))
    // Not answered: asked again after half a second.
    for _ in 0..<505 { try pair.tick() }
    #expect(pair.sender.takeKeyFrameRequest(at: pair.now))
    pair.receiver.keyFrameReceived()
    for _ in 0..<1_000 { try pair.tick() }
    #expect(!pair.sender.takeKeyFrameRequest(at: pair.now))
  }

  @Test("wishes for key frames within 300 ms are fulfilled together, and a repeated FIR is one wish")
  func keyFrameThrottling() throws {
    let pair = RTPStreamPair()
    let buffer = PacketBuffer()
    var writer = RTCPWriter(buffer)
    _ = writer.fullIntraRequest(senderSSRC: 5, mediaSSRC: RTPStreamPair.mediaSSRC, sequenceNumber: 3)
    for case .fullIntraRequest(let request) in RTCPReader(buffer.bytes) {
      pair.sender.receive(try #require(request.first), senderSSRC: 5)
      #expect(pair.sender.takeKeyFrameRequest(at: pair.now))
      pair.sender.receive(try #require(request.first), senderSSRC: 5)
      #expect(pair.sender.nextDeadline == .distantFuture)
    }
    pair.sender.receivePictureLossIndication()
    #expect(!pair.sender.takeKeyFrameRequest(at: pair.now + .milliseconds(299)))
    #expect(pair.sender.nextDeadline == pair.now + .milliseconds(300))
    #expect(pair.sender.takeKeyFrameRequest(at: pair.now + .milliseconds(300)))
  }

  @Test("a retransmission has the form of RFC 4588, as another implementation writes it")
  func retransmissionForm() throws {
    let receiver = RTPReceiveStream(
      .init(
        ssrc: 0xDEAD_BEEF, clockRate: 48_000, retransmissionSSRC: 0xCAFE, retransmissionPayloadTypes: [112: 111],
        nackPolicy: .video))
    let original = PacketBuffer(hexadecimal: RTPSamples.plain)
    let before = try RTPHeader(parsing: original.bytes, extensions: RTPSamples.oneByteMap)
    var earlier = before
    earlier.sequenceNumber = 65_533
    let now = Instant(nanoseconds: 0)
    _ = receiver.receive(earlier, original.bytes, at: now)
    earlier.sequenceNumber = 0
    _ = receiver.receive(earlier, original.bytes, at: now)

    let packet = PacketBuffer(hexadecimal: RTPSamples.retransmission)
    let header = try RTPHeader(parsing: packet.bytes, extensions: RTPSamples.oneByteMap)
    let result = receiver.receive(header, packet.bytes, at: now)
    #expect(result.kind == .recovered)
    #expect(result.header.sequenceNumber == 65_535)
    #expect(result.header.ssrc == 0xDEAD_BEEF)
    #expect(result.header.payloadType == 111)
    #expect(result.header.timestamp == before.timestamp)
    #expect(Array(result.header.payload.bytes(of: packet.bytes)) == Array("opus".utf8))
    // Again, as a probe: a duplicate.
    #expect(receiver.receive(header, packet.bytes, at: now).kind == .duplicate)
  }

  @Test("a repeat carries MID and the repaired RID, and nothing else changes")
  func retransmissionExtensions() throws {
    let pair = RTPStreamPair()
    try pair.send(0)
    let nack = PacketBuffer()
    var writer = RTCPWriter(nack)
    let sent = try sentPacket(pair)
    _ = writer.genericNACK(
      senderSSRC: 1, mediaSSRC: RTPStreamPair.mediaSSRC, sequenceNumber: sent.sequenceNumber)
    for case .genericNACK(let nack) in RTCPReader(nack.bytes) { pair.sender.receive(nack, at: pair.now) }
    let packet = PacketBuffer()
    let isRepeated = pair.sender.nextRetransmission(to: packet, at: pair.now)
    #expect(isRepeated)
    let header = try RTPHeader(parsing: packet.bytes, extensions: pair.map)
    #expect(header.ssrc == RTPStreamPair.retransmissionSSRC)
    #expect(header.payloadType == 97)
    #expect(header.marker)
    #expect(header.timestamp == sent.timestamp)
    #expect(header.extensions.mid?.text(of: packet.bytes) == "1")
    #expect(header.extensions.rid == nil)
    #expect(header.extensions.repairedRid?.text(of: packet.bytes) == "f")
    #expect(header.extensions.transportSequenceNumber == 0)
    #expect(header.payload.bytes(of: packet.bytes).networkUInt16(at: 0) == sent.sequenceNumber)
    #expect(header.payload.count == 102)
    // Asked for again within a round trip: not repeated.
    for case .genericNACK(let nack) in RTCPReader(nack.bytes) { pair.sender.receive(nack, at: pair.now) }
    let isRepeatedAgain = pair.sender.nextRetransmission(to: packet, at: pair.now)
    #expect(!isRepeatedAgain)
  }

  private func sentPacket(_ pair: RTPStreamPair) throws -> RTPHeader {
    // A packet that is begun but not ended has the number after the one sent.
    let packet = PacketBuffer()
    try pair.sender.begin(packet, payloadType: 96, marker: true, timestamp: 0, capturedAt: pair.now)
    var header = try RTPHeader(parsing: packet.bytes, extensions: pair.map)
    header.sequenceNumber &-= 1
    return header
  }

  @Test("padding uses up its number, and asks for nothing")
  func padding() throws {
    let receiver = RTPReceiveStream(.init(ssrc: 6, clockRate: 90_000, nackPolicy: .video))
    let now = Instant(nanoseconds: 0)
    let packet = PacketBuffer(hexadecimal: RTPSamples.padding)
    var header = try RTPHeader(parsing: packet.bytes, extensions: RTPHeaderExtensionMap())
    #expect(receiver.receive(header, packet.bytes, at: now).kind == .padding)
    header.sequenceNumber += 1
    header.payload.count = 1
    #expect(receiver.receive(header, packet.bytes, at: now).kind == .media)
    #expect(receiver.missingCount == 0)
    header.ssrc = 7
    #expect(receiver.receive(header, packet.bytes, at: now).kind == .discarded)
  }

  @Test("a source that begins anew is followed, and marked")
  func restart() throws {
    let receiver = RTPReceiveStream(.init(ssrc: 6, clockRate: 90_000, nackPolicy: .video))
    let now = Instant(nanoseconds: 0)
    let packet = PacketBuffer(hexadecimal: RTPSamples.plain)
    var header = RTPHeader(payloadType: 96, sequenceNumber: 100, timestamp: 0, ssrc: 6)
    header.payload = PacketRange(offset: 12, count: 4)
    let first = receiver.receive(header, packet.bytes, at: now)
    header.sequenceNumber = 30_000
    header.timestamp = 0x8000_0000
    #expect(receiver.receive(header, packet.bytes, at: now).kind == .discarded)
    header.sequenceNumber += 1
    let restarted = receiver.receive(header, packet.bytes, at: now)
    #expect(restarted.kind == .media)
    #expect(restarted.isRestart)
    #expect(restarted.sequenceNumber > first.sequenceNumber)
    #expect(receiver.missingCount == 0)
    let block = try #require(receiver.reportBlock(at: now))
    #expect(block.cumulativeLost == 0)
  }

  @Test("a report counts the cycles of sequence numbers from the first packet on (RFC 3550 section 6.4.1)")
  func cycles() throws {
    let receiver = RTPReceiveStream(.init(ssrc: 6, clockRate: 90_000))
    let packet = PacketBuffer(hexadecimal: RTPSamples.plain)
    var header = RTPHeader(payloadType: 96, sequenceNumber: 65_000, timestamp: 0, ssrc: 6)
    header.payload = PacketRange(offset: 12, count: 4)
    _ = receiver.receive(header, packet.bytes, at: .init(nanoseconds: 0))
    #expect(try #require(receiver.reportBlock(at: .init(nanoseconds: 0))).highestSequenceNumber == 65_000)
    for _ in 0..<1_000 {
      header.sequenceNumber &+= 1
      _ = receiver.receive(header, packet.bytes, at: .init(nanoseconds: 0))
    }
    #expect(try #require(receiver.reportBlock(at: .init(nanoseconds: 0))).highestSequenceNumber == 66_000)
  }

  @Test("both ends' reports give the round trip, the loss, and the time at which a sample was taken")
  func reports() throws {
    let pair = RTPStreamPair(oneWayDelay: .milliseconds(75))
    let clock = NTPClock(NTPTime(rawValue: 0xE1A2_B3C4_0000_0000), at: Instant(nanoseconds: 0))
    for index in 0..<100 {
      try pair.send(index, isLost: index % 4 == 3)
      try pair.tick()
    }
    let information = try #require(pair.sender.senderInformation(at: pair.now, clock: clock))
    #expect(information.packetCount == 100)
    #expect(information.octetCount == 10_000)
    for _ in 0..<75 { try pair.tick() }
    pair.receiver.receive(information, at: pair.now)
    // The receiver waits for 300 ms, and its report is 75 ms on its way.
    for _ in 0..<300 { try pair.tick() }
    let block = try #require(pair.receiver.reportBlock(at: pair.now))
    #expect(abs(Int(block.delaySinceLastSenderReport) - 19_660) <= 1)
    pair.sender.receive(block, at: pair.now + .milliseconds(75), clock: clock)
    let roundTrip = try #require(pair.sender.roundTripTime)
    #expect(abs(roundTrip.milliseconds - 150) < 0.1)
    #expect(pair.sender.lastReport?.ssrc == RTPStreamPair.mediaSSRC)

    // 900 units of 90 kHz, 10 ms, before the report's timestamp.
    let capture = try #require(pair.receiver.captureTime(of: information.timestamp &- 900))
    let difference = capture.duration(to: information.time)
    #expect(abs(difference.milliseconds - 10) < 0.001)
  }
}

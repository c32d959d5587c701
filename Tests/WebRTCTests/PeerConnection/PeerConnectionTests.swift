import NetworkModel
import Realtime
import Testing
import WebRTC

@Suite("Peer connection")
struct PeerConnectionTests {
  private static let cameraParameters = TransceiverParameters(
    direction: .sendOnly, streamID: "stream", trackID: "camera", codecs: [.video(.vp8)])
  private static let simulcastParameters = TransceiverParameters(
    direction: .sendOnly, streamID: "stream", trackID: "camera", codecs: [.video(.vp8)],
    encodings: ["q", "h", "f"].map { EncodingParameters(rid: $0) })

  /// A frame that looks like VP8 to whoever reads its first bytes, the rest seeded noise.
  private func makeFrame(_ index: Int, isKeyFrame: Bool, count: Int) -> OutgoingVideoFrame {
    var random = SeededRandom(seed: UInt64(index))
    var bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    if isKeyFrame {
      bytes.replaceSubrange(0..<10, with: [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xB4, 0x00])
    } else {
      bytes[0] = 0x11
    }
    let frame = OutgoingVideoFrame()
    frame.codec = .vp8
    frame.isKeyFrame = isKeyFrame
    bytes.withUnsafeBytes { frame.append($0) }
    return frame
  }

  @Test("two connections find each other, and a track arrives with its identifiers")
  func connect() throws {
    let pair = try ModelledPair()
    _ = try pair.left.addTransceiver(.video, Self.cameraParameters)
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    #expect(pair.isConnected)
    let track = try #require(pair.tracks(at: .right).first)
    #expect(track.kind == .video && track.streamID == "stream" && track.trackID == "camera")
  }

  @Test("a connection comes about through 20 % loss", arguments: 1...10)
  func connectThroughLoss(seed: UInt64) throws {
    let pair = try ModelledPair(link: .init(latency: .milliseconds(30), loss: 0.2), seed: seed)
    _ = try pair.left.addTransceiver(.video, Self.cameraParameters)
    try pair.negotiate()
    pair.run(for: .seconds(30)) { pair.isConnected }
    #expect(pair.isConnected, "\(pair.left.state) \(pair.right.state)")
  }

  @Test("video arrives whole and in order through 5 % loss, by retransmission", arguments: 1...5)
  func videoThroughLoss(seed: UInt64) throws {
    let pair = try ModelledPair(seed: seed)
    let camera = try pair.left.addTransceiver(.video, Self.cameraParameters)
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    let sink = FrameCollector()
    pair.right.setVideoSink(sink, of: try #require(pair.tracks(at: .right).first).transceiver)
    for index in 0..<300 {
      // Nothing tells that packets before the first one that arrives were sent.
      if index == 1 { pair.network.setDefaultLink(.init(latency: .milliseconds(20), loss: 0.05)) }
      let frame = makeFrame(index, isKeyFrame: index == 0, count: index == 0 ? 30_000 : 4_000)
      frame.captureTime = pair.now
      pair.left.send(frame, on: camera, at: pair.now)
      pair.run(for: .milliseconds(33))
    }
    pair.run(for: .seconds(1))
    #expect(sink.frames.count == 300)
    let firstWrong = sink.frames.enumerated().first { index, frame in
      let original = makeFrame(index, isKeyFrame: index == 0, count: index == 0 ? 30_000 : 4_000)
      // The frame owns the memory that `bytes` points to.
      return withExtendedLifetime(original) { !frame.bytes.elementsEqual(original.bytes) }
    }
    #expect(firstWrong == nil, "frame \(firstWrong?.offset ?? 0)")
    #expect(sink.reports.count >= 5)
  }

  @Test("after the encoder is asked, a new key frame follows an outage")
  func keyFrameAfterOutage() throws {
    let pair = try ModelledPair()
    let camera = try pair.left.addTransceiver(.video, Self.cameraParameters)
    var requests = 0
    pair.onEvent = { side, event in
      if side == .left, case .keyFrameRequested = event { requests += 1 }
    }
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    let sink = FrameCollector()
    pair.right.setVideoSink(sink, of: try #require(pair.tracks(at: .right).first).transceiver)
    var outage = LinkConfiguration(latency: .milliseconds(10))
    outage.outages = [pair.now + .seconds(1)..<pair.now + .seconds(4)]
    pair.network.setDefaultLink(outage)
    var served = 0
    for index in 0..<200 {
      let isKeyFrame = index == 0 || requests > served
      served = requests
      let frame = makeFrame(index, isKeyFrame: isKeyFrame, count: 3_000)
      frame.captureTime = pair.now
      pair.left.send(frame, on: camera, at: pair.now)
      pair.run(for: .milliseconds(33))
    }
    #expect(requests >= 1)
    let lastKeyFrame = try #require(sink.frames.lastIndex { $0.isKeyFrame })
    #expect(lastKeyFrame > 0)
    // From the key frame on nothing is missing.
    #expect(sink.frames.count - lastKeyFrame > 40)
  }

  @Test("each simulcast layer arrives under its rid and with sender reports of its own")
  func simulcast() throws {
    let pair = try ModelledPair()
    let camera = try pair.left.addTransceiver(.video, Self.simulcastParameters)
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    let sink = ForwardingCollector()
    pair.right.setPacketSink(sink, of: try #require(pair.tracks(at: .right).first).transceiver)
    for index in 0..<100 {
      for encoding in 0..<3 {
        let frame = makeFrame(index, isKeyFrame: index == 0, count: 500 << encoding)
        frame.encoding = encoding
        frame.captureTime = pair.now
        pair.left.send(frame, on: camera, at: pair.now)
      }
      pair.run(for: .milliseconds(33))
    }
    #expect(Set(sink.packetCounts.keys) == ["q", "h", "f"])
    #expect(sink.packetCounts.values.allSatisfy { $0 >= 100 })
    #expect(Set(sink.reportCounts.keys) == ["q", "h", "f"])
    #expect(sink.timestamps.count == 100, "layers of one picture share its timestamp but for a constant")
  }

  @Test("Opus arrives in RED, with each lost packet's copy in the next one")
  func redundantAudio() throws {
    let pair = try ModelledPair()
    let microphone = try pair.left.addTransceiver(
      .audio, .init(direction: .sendOnly, streamID: "stream", trackID: "mic", codecs: [.red, .opus]))
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    let sink = PacketCollector()
    pair.right.setAudioSink(sink, of: try #require(pair.tracks(at: .right).first).transceiver)
    // Too far for a repetition to come in time.
    pair.network.setDefaultLink(.init(latency: .milliseconds(200), loss: 0.1))
    for index in 0..<500 {
      let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 80)
      payload.withUnsafeBytes {
        pair.left.sendAudio(
          $0, timestamp: UInt32(index) * 960, capturedAt: pair.now, level: .init(voice: true, level: 30),
          startsTalkspurt: index == 0, on: microphone, at: pair.now)
      }
      pair.run(for: .milliseconds(20))
    }
    let first = try #require(sink.packets.first).number
    let primary = Set(sink.packets.filter { !$0.isRedundant }.map { $0.number - first })
    let all = Set(sink.packets.map { $0.number - first })
    #expect(primary.count < 490, "the network lost some for good")
    #expect(all.count > primary.count, "and copies brought some of them")
    for packet in sink.packets {
      let other = try #require(sink.packets.first { $0.number == packet.number })
      let isSame = other.payload == packet.payload && other.timestamp == packet.timestamp
      #expect(isSame)
    }
  }

  @Test("an ICE restart finds a path again while media goes on")
  func restart() throws {
    let pair = try ModelledPair()
    _ = try pair.left.addTransceiver(.video, Self.cameraParameters)
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    let before = pair.left.state
    try pair.negotiate(restartICE: true)
    pair.run(for: .seconds(5))
    #expect(before == .connected && pair.isConnected)
  }

  @Test("a fingerprint that isn't the peer's ends in failure before any media")
  func wrongFingerprint() throws {
    let pair = try ModelledPair()
    _ = try pair.left.addTransceiver(.video, Self.cameraParameters)
    let offer = try pair.left.createOffer(at: pair.now)
    let line = try #require(offer.split(separator: "\r\n").first { $0.hasPrefix("a=fingerprint:sha-256 ") })
    let forged = line.dropLast(2) + (line.hasSuffix("00") ? "01" : "00")
    let tampered = offer.replacing(line, with: forged)
    try pair.right.setRemoteOffer(tampered, at: pair.now)
    try pair.left.setRemoteAnswer(try pair.right.createAnswer(at: pair.now), at: pair.now)
    pair.run(for: .seconds(10))
    guard case .failed(.dtls) = pair.right.state else {
      Issue.record("state is \(pair.right.state)")
      return
    }
    #expect(pair.left.state != .connected)
  }

  @Test("an m-line that the peer reuses for another track tells of the change")
  func reusedSection() throws {
    let pair = try ModelledPair()
    let first = try pair.left.addTransceiver(.video, Self.cameraParameters)
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    pair.left.setDirection(.inactive, of: first)
    try pair.negotiate()
    let removed = pair.events[.right, default: []].contains { if case .trackRemoved = $0 { true } else { false } }
    #expect(removed)
    pair.left.setDirection(.sendOnly, of: first)
    try pair.negotiate()
    #expect(pair.tracks(at: .right).count == 2)
  }

  @Test("rubbish on the socket is counted and changes nothing")
  func rubbish() throws {
    let pair = try ModelledPair()
    _ = try pair.left.addTransceiver(.video, Self.cameraParameters)
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    var random = SeededRandom(seed: 7)
    let buffer = PacketBuffer()
    let path = TransportPath(
      local: SocketAddress(ip: .v4(0x0A00_0002), port: 5_000), remote: SocketAddress(ip: .v4(0x0A00_0001), port: 4_000))
    for _ in 0..<5_000 {
      let count = Int.random(in: 0...200, using: &random)
      let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      bytes.withUnsafeBytes { _ = buffer.assign($0) }
      pair.right.receive(buffer, on: path, at: pair.now)
      pair.drain()
    }
    pair.run(for: .seconds(1))
    #expect(pair.isConnected)
    #expect(pair.right.drops.foreign + pair.right.drops.unauthentic > 1_000)
  }
}

/// Counts what a media server would forward. `@unchecked Sendable`: each test runs its connections on one thread.
private final class ForwardingCollector: RTPPacketSink, @unchecked Sendable {
  private(set) var packetCounts: [String: Int] = [:]
  private(set) var reportCounts: [String: Int] = [:]
  private(set) var timestamps: Set<UInt32> = []
  private var offsets: [String: UInt32] = [:]

  func deliver(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, sequenceNumber: Int64, rid: String, arrival: Instant
  ) {
    packetCounts[rid, default: 0] += 1
    let offset = offsets[rid] ?? header.timestamp
    offsets[rid] = offset
    timestamps.insert(header.timestamp &- offset)
  }

  func synchronize(rid: String, timestamp: UInt32, ntp: NTPTime) { reportCounts[rid, default: 0] += 1 }
}

import Realtime
import WebRTC

/// Two connected peer connections; what one sends is handed to the other when the caller says so.
final class ConnectedPair: @unchecked Sendable {
  let left: PeerConnection
  let right: PeerConnection
  let transceiver: TransceiverID
  // What is measured uses these three; that the bench has them to itself is plain to see and needn't be checked each time.
  @exclusivity(unchecked) private(set) var now = Instant(nanoseconds: 1_000_000_000)
  private(set) var sizes = RoundSizes()
  var receivedCount: Int { sink.count }

  private let sink = CountingSink()
  private let overhead: Int
  @exclusivity(unchecked) private var sent: [PacketBuffer] = []
  @exclusivity(unchecked) private var feedback: [PacketBuffer] = []
  private let toLeft: TransportPath
  private let toRight: TransportPath

  init(_ kind: MediaKind, _ profile: SRTPProfile) throws {
    overhead = profile == .aeadAES128GCM ? 16 : 10
    let (one, other) = (
      SocketAddress(ip: .v4(0x0A00_0001), port: 4_000), SocketAddress(ip: .v4(0x0A00_0002), port: 5_000)
    )
    toLeft = TransportPath(local: one, remote: other)
    toRight = TransportPath(local: other, remote: one)
    let (certificate, start) = (try Certificate(), now)
    func make(_ seed: UInt64) -> PeerConnection {
      var configuration = PeerConnection.Configuration(
        certificate: certificate, ntpClock: NTPClock(NTPTime(rawValue: 0xE000_0000_0000_0000), at: start), seed: seed)
      configuration.protectionProfiles = [profile]
      return PeerConnection(configuration: configuration, at: start)
    }
    left = make(1)
    right = make(2)
    let codecs: [MediaCodec] = kind == .video ? [.video(.vp8)] : [.opus]
    transceiver = try left.addTransceiver(
      kind, .init(direction: .sendOnly, streamID: "room", trackID: "track", codecs: codecs))
    // A channel, as every session of LiveKit has: its part of the path is to count too.
    _ = try left.createDataChannel(label: "_reliable", at: now)
    left.addLocalSocket(one, at: now)
    right.addLocalSocket(other, at: now)
    try right.setRemoteOffer(try left.createOffer(at: now), at: now)
    try left.setRemoteAnswer(try right.createAnswer(at: now), at: now)
    try connect()
  }

  private func connect() throws {
    let end = now + .seconds(10)
    while left.state != .connected || right.state != .connected || now < end - .seconds(5) {
      guard now < end else { throw BenchmarkError.notConnected }
      exchange(left, right, toRight)
      exchange(right, left, toLeft)
      advance(by: .milliseconds(5))
    }
  }

  private func exchange(_ from: PeerConnection, _ to: PeerConnection, _ path: TransportPath) {
    if from.nextDeadline <= now { from.handleTimeout(at: now) }
    while let packet = from.pollTransmit()?.buffer {
      to.receive(packet, on: path, at: now)
      from.recycle(packet)
    }
    while let event = from.pollEvent() {
      switch event {
      case .localCandidate(let line, _, _): try? to.addRemoteCandidate(line, at: now)
      case .trackAdded(let track):
        from.setVideoSink(sink, of: track.transceiver)
        from.setAudioSink(sink, of: track.transceiver)
      default: break
      }
    }
  }

  /// Lets time pass.
  func advance(by duration: Duration) { now = now + duration }

  /// Collects what was sent, after the sender has taken in the feedback on what it sent before.
  func collectSent() {
    for packet in feedback { left.receive(packet, on: toLeft, at: now) }
    recycleFeedback()
    if left.nextDeadline <= now { left.handleTimeout(at: now) }
    while let packet = left.pollTransmit()?.buffer { sent.append(packet) }
    while left.pollEvent() != nil {}
  }

  /// Takes note of what was sent, before it is delivered.
  func noteSent() {
    for packet in sent where packet.bytes[0] >> 6 == 2 {
      if RTCPReader.isRTCP(packet.bytes) {
        sizes.control.append(packet.count - overhead - 4)
      } else {
        sizes.media.append(packet.count - overhead)
      }
    }
  }

  /// Takes note of what the receiver sent.
  func noteFeedback() {
    for packet in feedback where RTCPReader.isRTCP(packet.bytes) {
      sizes.feedback.append(packet.count - overhead - 4)
    }
  }

  /// Hands all that was sent to the receiver.
  func deliver() {
    for packet in sent {
      right.receive(packet, on: toRight, at: now)
      drainRight()
    }
    if right.nextDeadline <= now { right.handleTimeout(at: now) }
    drainRight()
  }

  private func drainRight() {
    while let packet = right.pollTransmit()?.buffer { feedback.append(packet) }
    while right.pollEvent() != nil {}
  }

  private func recycleFeedback() {
    if feedback.isEmpty { return }
    for packet in feedback { right.recycle(packet) }
    feedback.removeAll(keepingCapacity: true)
  }

  /// Forgets the round's packets.
  func endRound() {
    for packet in sent { left.recycle(packet) }
    sent.removeAll(keepingCapacity: true)
    sizes.removeAll()
  }
}

/// Counts received frames and sounds.
private final class CountingSink: VideoFrameSink, AudioPacketSink, @unchecked Sendable {
  // Confined to the benchmark's one thread, as its connections are.
  private(set) var count = 0
  private let frame = EncodedFrame()

  func vacantFrame() -> EncodedFrame? { frame }
  func deliver(_ frame: EncodedFrame) { count += 1 }
  func deliver(
    sequenceNumber: Int64, timestamp: UInt32, payload: UnsafeRawBufferPointer, isRedundant: Bool, arrival: Instant
  ) { count += 1 }
  func synchronize(timestamp: UInt32, ntp: NTPTime) {}
}

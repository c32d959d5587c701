import Realtime

@testable import WebRTC

/// Takes all that is received.
private final class Sink: VideoFrameSink, AudioPacketSink, RTPPacketSink, Sendable {
  func vacantFrame() -> EncodedFrame? { EncodedFrame(capacity: 256) }
  func deliver(_ frame: EncodedFrame) { require(frame.count > 0, "an empty frame") }
  func deliver(
    sequenceNumber: Int64, timestamp: UInt32, payload: UnsafeRawBufferPointer, isRedundant: Bool, arrival: Instant
  ) {
    _ = payload.reduce(UInt8(0), ^)
  }
  func deliver(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, sequenceNumber: Int64, rid: String, arrival: Instant
  ) {
    _ = header.payload.bytes(of: packet).reduce(UInt8(0), ^)
  }
  func synchronize(timestamp: UInt32, ntp: NTPTime) {}
  func synchronize(rid: String, timestamp: UInt32, ntp: NTPTime) {}
}

extension FuzzTarget {
  private static let certificate = try? Certificate()
  private static let start = Instant(nanoseconds: 1_000_000_000)
  private static let path = TransportPath(
    local: SocketAddress(ip: .v4(0x0A00_0001), port: 4_000), remote: SocketAddress(ip: .v4(0x0A00_0002), port: 5_000))

  private static func makeConnection(seed: UInt64) -> PeerConnection? {
    guard let certificate else { return nil }
    let connection = PeerConnection(
      configuration: .init(
        certificate: certificate, ntpClock: NTPClock(NTPTime(rawValue: 0xE000_0000_0000_0000), at: start), seed: seed),
      at: start)
    connection.addLocalSocket(path.local, at: start)
    return connection
  }

  private static func drain(_ connection: PeerConnection) {
    var count = 0
    while let packet = connection.pollTransmit()?.buffer {
      count += 1
      connection.recycle(packet)
    }
    require(count < 4_096, "sends without end")
    while connection.pollEvent() != nil {}
  }

  /// A connection that sends and receives audio and video, with known keys in place of a handshake.
  private static func makeMediaConnection() -> PeerConnection? {
    guard let ours = makeConnection(seed: 1), let theirs = makeConnection(seed: 2) else { return nil }
    do {
      for connection in [ours, theirs] {
        _ = try connection.addTransceiver(.audio, .init(direction: .sendReceive, codecs: [.red, .opus]))
        _ = try connection.addTransceiver(.video, .init(direction: .sendReceive, codecs: [.video(.vp8), .video(.vp9)]))
      }
      try theirs.setRemoteOffer(try ours.createOffer(at: start), at: start)
      try ours.setRemoteAnswer(try theirs.createAnswer(at: start), at: start)
      let (sink, key) = (Sink(), [UInt8](0..<28))
      for index in ours.transceivers.keys {
        ours.setVideoSink(sink, of: TransceiverID(index: index))
        ours.setAudioSink(sink, of: TransceiverID(index: index))
        ours.setPacketSink(sink, of: TransceiverID(index: index))
      }
      ours.inbound = try SRTPSession(.inbound, profile: .aeadAES128GCM, key: key)
      ours.outbound = try SRTPSession(.outbound, profile: .aeadAES128GCM, key: key, allowsRepeats: true)
    } catch {
      return nil
    }
    drain(ours)
    return ours
  }

  /// Datagrams for a connection whose media runs: records as they are, or protected by the peer. The first byte of each
  /// chooses, and says how much time passes.
  static let connection = FuzzTarget(name: "connection") { bytes in
    guard let connection = makeMediaConnection(),
      let peer = try? SRTPSession(
        .outbound, profile: .aeadAES128GCM, key: [UInt8](0..<28), allowsRepeats: true)
    else { return }
    var now = start
    var reader = RecordReader(bytes)
    let buffer = PacketBuffer()
    while let record = reader.next() {
      guard let choice = record.first, record.count <= 1_600, buffer.assign(.init(rebasing: record[1...])) else {
        continue
      }
      now = now + .milliseconds(Int64(choice >> 2) * 5)
      switch choice & 3 {
      case 0: break
      case 1: guard (try? peer.protectRTCP(buffer)) != nil else { continue }
      default: guard (try? peer.protectRTP(buffer)) != nil else { continue }
      }
      connection.receive(buffer, on: path, at: now)
      if connection.nextDeadline <= now { connection.handleTimeout(at: now) }
      drain(connection)
    }
    connection.close(at: now)
    drain(connection)
  } seeds: {
    // Payload types and header extensions as Salle offers them: Opus, VP8, VP9 and their RTX on the two sections.
    let vp8 = "9060000100000001000000aabede000210 31 5100010000 00"
    let packets: [[UInt8]] = [
      "9060000100000001000000aabede000110315100019080800110".hexadecimalBytes,
      "906f000100000001000000bbbede000110304085000078010203".hexadecimalBytes,
      "903f000100000001000000bbbede000110304085 00006f78010203".hexadecimalBytes,
      vp8.hexadecimalBytes,
    ]
    return [RecordReader.join(packets.map { [2] + $0 }), RecordReader.join(rtcpSeeds.map { [1] + $0 })]
      + [RecordReader.join([[0] + stun.seeds()[0]])]
  }

  /// Session descriptions for a connection: each record an offer that is answered, or a candidate line.
  static let negotiation = FuzzTarget(name: "negotiation") { bytes in
    guard let connection = makeConnection(seed: 3) else { return }
    _ = try? connection.addTransceiver(.audio, .init(direction: .sendReceive, codecs: [.red, .opus]))
    _ = try? connection.addTransceiver(
      .video,
      .init(
        direction: .sendReceive, codecs: [.video(.vp9), .video(.vp8)],
        encodings: ["q", "h", "f"].map { EncodingParameters(rid: $0) }))
    var reader = RecordReader(bytes)
    while let record = reader.next() {
      let text = String(decoding: record, as: UTF8.self)
      if text.utf8.starts(with: "candidate:".utf8) {
        try? connection.addRemoteCandidate(text, at: start)
      } else if (try? connection.setRemoteOffer(text, at: start)) != nil {
        guard let answer = try? connection.createAnswer(at: start) else { continue }
        require((try? SessionDescription(parsing: answer)) != nil, "its own answer isn't read: \(answer)")
      } else if (try? connection.createOffer(at: start)) != nil {
        try? connection.setRemoteAnswer(text, at: start)
      }
      drain(connection)
    }
    connection.handleTimeout(at: start + .seconds(60))
    drain(connection)
    connection.close(at: start + .seconds(60))
    drain(connection)
  } seeds: {
    []
  }
}

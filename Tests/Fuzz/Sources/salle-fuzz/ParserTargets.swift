import Realtime

@testable import WebRTC

extension FuzzTarget {
  /// STUN messages (RFC 8489), with their integrity checked.
  static let stun = FuzzTarget(name: "stun") { bytes in
    guard let message = try? STUNMessage(parsing: bytes) else { return }
    _ = message.isAuthentic(key: STUNKey(password: "VOkJxbRl1RmTxUk/WvJxBt"))
    _ = message.mappedAddress?.description
    require(message.errorCode.map { (300...699).contains($0) } ?? true, "error code")
  } seeds: {
    [STUNMessageClass.request, .successResponse, .errorResponse].map { messageClass in
      let buffer = PacketBuffer()
      var writer = STUNMessageWriter(
        buffer.memory, messageClass, transactionID: STUNTransactionID(upper: 0xB7E7_A701, lower: 0xBC34_D686_FA87_DFAE))
      writer.append(.username, "evtj:h6vY")
      writer.append(.priority, UInt32(0x6E00_01FF))
      writer.append(.iceControlled, UInt64(0x932F_F9B1_5126_3B36))
      writer.append(.useCandidate)
      writer.append(.software, "test")
      if messageClass != .request {
        writer.appendXORMappedAddress(SocketAddress(ip: .v4(0xC000_0201), port: 32_853))
        writer.appendXORMappedAddress(SocketAddress(ip: .v6(0x2001_0DB8_1234_5678, 0x11_2233_4455_6677), port: 1))
      }
      if messageClass == .errorResponse { writer.appendErrorCode(487, "Role Conflict") }
      writer.appendIntegrity(key: STUNKey(password: "VOkJxbRl1RmTxUk/WvJxBt"))
      writer.appendFingerprint()
      return Array(buffer.memory[..<writer.finishedCount])
    }
  }

  /// Candidate lines (RFC 8839 section 5.1): what was read is written so that it reads the same.
  static let candidate = FuzzTarget(name: "candidate") { bytes in
    guard let candidate = ICECandidate(String(decoding: bytes, as: UTF8.self)) else { return }
    let line = candidate.description
    require(ICECandidate(line)?.description == line, "changes in print: \(line)")
  } seeds: {
    [
      "candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host",
      "candidate:842163049 1 udp 1677729535 203.0.113.9 61665 typ srflx raddr 10.0.0.1 rport 61665 generation 0 ufrag Fx",
      "candidate:2 1 tcp 1518280447 2001:db8::1 9 typ host tcptype active",
      "candidate:3 1 udp 41885439 198.51.100.7 50000 typ relay raddr 203.0.113.1 rport 54321",
      "candidate:4 1 udp 2122260223 4f1b4b76-8f53-4a4a-9c9d-1c0b5a0f5b7c.local 55555 typ host",
    ].map { Array($0.utf8) }
  }

  /// Session descriptions (RFC 8866): what was read is written so that it reads the same.
  static let sdp = FuzzTarget(name: "sdp") { bytes in
    guard let description = try? SessionDescription(parsing: String(decoding: bytes, as: UTF8.self)) else { return }
    let text = description.description
    guard let again = try? SessionDescription(parsing: text) else {
      return require(false, "its own print isn't read: \(text)")
    }
    require(again.description == text, "changes in print: \(text)")
  } seeds: {
    []
  }

  /// RTP headers with both forms of header extensions (RFC 3550, RFC 8285).
  static let rtp = FuzzTarget(name: "rtp") { bytes in
    let map = RTPHeaderExtensionMap([
      .mid: 1, .rid: 2, .repairedRid: 3, .audioLevel: 4, .transportSequenceNumber: 5, .absoluteSendTime: 6,
      .absoluteCaptureTime: 7, .playoutDelay: 8, .dependencyDescriptor: 9,
    ])
    guard let header = try? RTPHeader(parsing: bytes, extensions: map) else { return }
    _ = header.payload.bytes(of: bytes).reduce(UInt8(0), ^)
    _ = header.extensions.dependencyDescriptor?.bytes(of: bytes).reduce(UInt8(0), ^)
    let buffer = PacketBuffer()
    guard (try? header.write(to: buffer, extensions: map)) != nil else { return }
    RTPHeader.rewrite(buffer, extensions: map, transportSequenceNumber: 7, absoluteSendTime: 9)
    require((try? RTPHeader(parsing: buffer.bytes, extensions: map))?.ssrc == header.ssrc, "written header isn't read")
  } seeds: {
    [
      "80effffffffffff0deadbeef6f707573",
      "90effffffffffff0deadbeefbede000410302168696212345640a551abcd00006f707573",
      "90effffffffffff0deadbeef1000000501013002026869c8031234561401a50502abcd006f707573",
      "92effffffffffff0deadbeef0000000100000002bede000410302168696212345640a551abcd00006f707573",
      "a0600009000000050000000601",
    ].map(\.hexadecimalBytes)
  }

  /// All kinds of RTCP packets, compound too.
  static let rtcp = FuzzTarget(name: "rtcp") { bytes in
    var reader = RTCPReader(bytes)
    var count = 0
    while let packet = reader.next() {
      count += 1
      switch packet {
      case .senderReport(let report): for block in report.blocks { _ = block.cumulativeLost }
      case .receiverReport(let report): for block in report.blocks { _ = block.cumulativeLost }
      case .sourceDescription(let description): for chunk in description { _ = chunk.canonicalName?.utf8.count }
      case .goodbye(let goodbye): for ssrc in goodbye { _ = ssrc }
      case .extendedReport(let report): for block in report { _ = block }
      case .genericNACK(let nack): for number in nack { _ = number }
      case .transportFeedback(let feedback):
        var sender = TransportFeedbackSender()
        for _ in 0..<4 { _ = sender.send(byteCount: 1_200, at: Instant(nanoseconds: 0)) }
        sender.receive(feedback, at: Instant(nanoseconds: 50_000_000)) { _ in }
      case .fullIntraRequest(let request): for entry in request { _ = entry.ssrc }
      case .receiverEstimatedMaximumBitrate(let estimate): for ssrc in estimate { _ = ssrc }
      case .pictureLossIndication, .other: break
      }
    }
    require(count <= bytes.count / 4, "more packets than fit")
  } seeds: {
    rtcpSeeds
  }

  static let rtcpSeeds = [
    "81c8000c01020304e1a2b3c4d5e6f70890abcdef000003e80001e2401122334440fffffd0001fffe000007728765432100010000",
    "82c9000d010203041122334440fffffd0001fffe00000772876543210001000055667788ff7fffff00000001000000000000000000000000",
    "82ca000801020304010950415f787c54525f790f01300000000000050103616263000000",
    "82cb000200000001ffffffff",
    "81cd00050000000100000002000a8001001b000000640000",
    "81ce00020000000100000002",
    "84ce000400000001000000000000000209000000",
    "8fce0006000000010000000052454d420213f7a00000000200000003",
    "afcd0005fa17fa1743032fa0009900013de8021720019401",
    "afcd0007fa17fa17193dd8bb0174000645b15a40400220041ffe1f9ad000d000",
    "afcd0007fa17fa17193dd8bb0004000710636e0120074c2424100c0c10000003",
    "afcd00079b74f61f9371dcbc853c000963f916b3d55200309baa6aaa7b010901",
    "80cf00050102030404000002e1a2b3c4d5e6f7080500000311223344aabbccdd00010000",
  ].map(\.hexadecimalBytes)

  /// RED payloads (RFC 2198) and the Opus packets in them.
  static let red = FuzzTarget(name: "red") { bytes in
    if let packet = try? REDPacket(parsing: bytes) {
      for block in packet {
        _ = try? OpusPayload(parsing: UnsafeRawBufferPointer(rebasing: bytes[block.range]))
      }
    }
    _ = try? OpusPayload(parsing: bytes)
  } seeds: {
    let packetizer = REDPacketizer(payloadType: 111)
    return (0..<4).map { index in
      let target = PacketBuffer()
      let opus = [UInt8](repeating: UInt8(0x78 + index), count: 20 + index * 7)
      let count = opus.withUnsafeBytes {
        packetizer.write($0, timestamp: UInt32(index * 960), into: target.memory)
      }
      return Array(UnsafeRawBufferPointer(rebasing: target.memory[..<count]))
    }
  }

  /// Dependency descriptors: records, each read with the structure that came before.
  static let dependencyDescriptor = FuzzTarget(name: "dependency-descriptor") { bytes in
    var reader = RecordReader(bytes)
    var structure: FrameDependencyStructure?
    while let record = reader.next() {
      guard let descriptor = try? DependencyDescriptor(parsing: record, structure: structure) else { continue }
      let before = structure
      structure = descriptor.structure ?? structure
      let target = PacketBuffer()
      let count = descriptor.write(into: target.memory, structure: before)
      guard count > 0 else { continue }
      let again = try? DependencyDescriptor(
        parsing: UnsafeRawBufferPointer(rebasing: target.memory[..<count]), structure: before)
      require(again?.frameNumber == descriptor.frameNumber, "what was written reads as something else")
    }
  } seeds: {
    // A descriptor as Chromium sends for L1T2, then short ones.
    [RecordReader.join(["800001801214eaa860414d141020842701df010d".hexadecimalBytes, "c00002".hexadecimalBytes])]
  }
}

import Testing
import WebRTC

@Suite("RTCP reading")
struct RTCPReaderTests {
  @Test("a sender report is read as another implementation wrote it")
  func senderReport() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.senderReport)
    guard case .senderReport(let report) = try only(packet) else { throw Unexpected() }
    #expect(report.ssrc == 0x0102_0304)
    #expect(
      report.information
        == SenderInformation(
          time: NTPTime(rawValue: 0xE1A2_B3C4_D5E6_F708), timestamp: 0x90AB_CDEF, packetCount: 1_000,
          octetCount: 123_456))
    #expect(Array(report.blocks) == [Self.block])
  }

  @Test("a receiver report is read as another implementation wrote it")
  func receiverReport() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.receiverReport)
    guard case .receiverReport(let report) = try only(packet) else { throw Unexpected() }
    #expect(report.blocks.count == 2)
    #expect(report.blocks[0] == Self.block)
    #expect(report.blocks[1].cumulativeLost == 8_388_607)
    #expect(report.blocks[1].fractionLost == 255)
  }

  @Test("source descriptions give canonical names, and skip private items")
  func sourceDescription() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.sourceDescription)
    guard case .sourceDescription(let description) = try only(packet) else { throw Unexpected() }
    let chunks = Array(description)
    #expect(chunks.map(\.ssrc) == [0x0102_0304, 5])
    #expect(chunks.map(\.canonicalName) == ["PA_x|TR_y", "abc"])
  }

  @Test("goodbyes name the sources that end")
  func goodbye() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.goodbye)
    guard case .goodbye(let goodbye) = try only(packet) else { throw Unexpected() }
    #expect(Array(goodbye) == [1, 0xFFFF_FFFF])
  }

  @Test("a NACK's bitmasks are spelt out, across the wrap too")
  func genericNACK() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.genericNACK)
    guard case .genericNACK(let nack) = try only(packet) else { throw Unexpected() }
    #expect(nack.senderSSRC == 1)
    #expect(nack.mediaSSRC == 2)
    #expect(Array(nack) == [10, 11, 26, 27, 100])
    let wrapping = PacketBuffer(hexadecimal: "81cd00030000000100000002ffff8001")
    guard case .genericNACK(let nack) = try only(wrapping) else { throw Unexpected() }
    #expect(Array(nack) == [65_535, 0, 15])
  }

  @Test("requests for key frames are read as another implementation wrote them")
  func keyFrames() throws {
    let loss = PacketBuffer(hexadecimal: RTPSamples.pictureLossIndication)
    guard case .pictureLossIndication(let indication) = try only(loss) else { throw Unexpected() }
    #expect(indication.mediaSSRC == 2)
    let command = PacketBuffer(hexadecimal: RTPSamples.fullIntraRequest)
    guard case .fullIntraRequest(let request) = try only(command) else { throw Unexpected() }
    #expect(request.map(\.ssrc) == [2])
    #expect(request.map(\.sequenceNumber) == [9])
  }

  @Test("REMB is read as another implementation wrote it, and saturates where it says more than 64 bits")
  func receiverEstimatedMaximumBitrate() throws {
    let packet = PacketBuffer(hexadecimal: RTPSamples.receiverEstimatedMaximumBitrate)
    guard case .receiverEstimatedMaximumBitrate(let estimate) = try only(packet) else { throw Unexpected() }
    #expect(estimate.bitrate == 4_160_000)
    #expect(Array(estimate) == [2, 3])
    let large = PacketBuffer(hexadecimal: "8fce0005000000010000000052454d4201ffffff00000002")
    guard case .receiverEstimatedMaximumBitrate(let estimate) = try only(large) else { throw Unexpected() }
    #expect(estimate.bitrate == .max)
  }

  @Test("extended reports give reference times and delays, and skip other blocks")
  func extendedReport() throws {
    // VoIP metrics' place is taken by a block of type 7 and one word; then RRTR, then DLRR with two sub-blocks.
    let packet = PacketBuffer(
      hexadecimal: "80cf000d00000001" + "0700000112345678" + "04000002e1a2b3c4d5e6f708"
        + "05000006000000020000000300000004000000050000000600000007")
    guard case .extendedReport(let report) = try only(packet) else { throw Unexpected() }
    #expect(
      Array(report) == [
        .receiverReferenceTime(NTPTime(rawValue: 0xE1A2_B3C4_D5E6_F708)),
        .delaySinceLastReceiverReport(ssrc: 2, lastReport: 3, delay: 4),
        .delaySinceLastReceiverReport(ssrc: 5, lastReport: 6, delay: 7),
      ])
  }

  @Test("a compound packet is read to its end, past packets of no use")
  func compound() {
    let application = "80cc000200000001414243 44"
    let packet = PacketBuffer(
      hexadecimal: RTPSamples.senderReport + RTPSamples.sourceDescription + application
        + RTPSamples.pictureLossIndication)
    var reader = RTCPReader(packet.bytes)
    var kinds: [String] = []
    while let packet = reader.next() { kinds.append(String("\(packet)".prefix { $0 != "(" })) }
    #expect(kinds == ["senderReport", "sourceDescription", "other", "pictureLossIndication"])
    #expect(!reader.isMalformed)
  }

  @Test("a malformed packet is passed over, and what isn't RTCP ends the reading")
  func malformed() {
    // An SR that announces a block it doesn't have, then a PLI, then a wrong version.
    let packet = PacketBuffer(
      hexadecimal: "81c8000601020304e1a2b3c4d5e6f70890abcdef000003e80001e240" + RTPSamples.pictureLossIndication
        + "40000000" + RTPSamples.pictureLossIndication)
    var reader = RTCPReader(packet.bytes)
    guard case .pictureLossIndication = reader.next() else {
      Issue.record("the PLI wasn't read")
      return
    }
    let end = reader.next()
    #expect(end == nil)
    #expect(reader.isMalformed)
  }

  @Test("RTCP is told from RTP by the second byte (RFC 5761 section 4)")
  func multiplexing() {
    for sample in RTPSamples.rtcp { #expect(isRTCP(sample)) }
    for sample in RTPSamples.rtp { #expect(!isRTCP(sample)) }
    #expect(!isRTCP("80c8"))
  }

  private func isRTCP(_ hexadecimal: String) -> Bool {
    let packet = PacketBuffer(hexadecimal: hexadecimal)
    return RTCPReader.isRTCP(packet.bytes)
  }

  private struct Unexpected: Error {}

  private func only(_ packet: PacketBuffer) throws -> RTCPPacket {
    var reader = RTCPReader(packet.bytes)
    guard let first = reader.next(), reader.next() == nil, !reader.isMalformed else { throw Unexpected() }
    return first
  }

  static let block = ReportBlock(
    ssrc: 0x1122_3344, fractionLost: 64, cumulativeLost: -3, highestSequenceNumber: 0x1_FFFE, jitter: 1_906,
    lastSenderReport: 0x8765_4321, delaySinceLastSenderReport: 65_536)
}

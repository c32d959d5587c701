import Testing
import WebRTC

@Suite("RTCP writing")
struct RTCPWriterTests {
  @Test("each packet has the bytes that another implementation gives it")
  func bytes() {
    let buffer = PacketBuffer()
    var writer = RTCPWriter(buffer)
    let information = SenderInformation(
      time: NTPTime(rawValue: 0xE1A2_B3C4_D5E6_F708), timestamp: 0x90AB_CDEF, packetCount: 1_000, octetCount: 123_456)
    check(writer.senderReport(ssrc: 0x0102_0304, information))
    check(writer.reportBlock(RTCPReaderTests.block))
    #expect(buffer.hexadecimal == RTPSamples.senderReport)

    writer = RTCPWriter(buffer)
    check(writer.receiverReport(ssrc: 0x0102_0304))
    check(writer.reportBlock(RTCPReaderTests.block))
    let worst = ReportBlock(
      ssrc: 0x5566_7788, fractionLost: 255, cumulativeLost: .max, highestSequenceNumber: 1, jitter: 0,
      lastSenderReport: 0, delaySinceLastSenderReport: 0)
    check(writer.reportBlock(worst))
    #expect(buffer.hexadecimal == RTPSamples.receiverReport)

    // The other implementation pads by four zeros more than the one that ends the list.
    writer = RTCPWriter(buffer)
    check(writer.sourceDescription(ssrc: 0x0102_0304, canonicalName: "PA_x|TR_y"))
    #expect(buffer.hexadecimal == "81ca000401020304010950415f787c54525f7900")

    writer = RTCPWriter(buffer)
    check(writer.goodbye(ssrc: 1))
    #expect(buffer.hexadecimal == "81cb000100000001")

    writer = RTCPWriter(buffer)
    check(writer.pictureLossIndication(senderSSRC: 1, mediaSSRC: 2))
    #expect(buffer.hexadecimal == RTPSamples.pictureLossIndication)

    writer = RTCPWriter(buffer)
    check(writer.fullIntraRequest(senderSSRC: 1, mediaSSRC: 2, sequenceNumber: 9))
    #expect(buffer.hexadecimal == RTPSamples.fullIntraRequest)

    writer = RTCPWriter(buffer)
    check(writer.receiverEstimatedMaximumBitrate(senderSSRC: 1, bitrate: 4_160_000, ssrcs: [2, 3]))
    #expect(buffer.hexadecimal == RTPSamples.receiverEstimatedMaximumBitrate)
  }

  @Test("missing packets share bitmasks as another implementation makes them share")
  func genericNACK() {
    let buffer = PacketBuffer()
    var writer = RTCPWriter(buffer)
    for number: UInt16 in [10, 11, 26, 27, 100] {
      check(writer.genericNACK(senderSSRC: 1, mediaSSRC: 2, sequenceNumber: number))
    }
    #expect(buffer.hexadecimal == RTPSamples.genericNACK)
    // Another stream's begin another packet.
    check(writer.genericNACK(senderSSRC: 1, mediaSSRC: 3, sequenceNumber: 101))
    #expect(buffer.hexadecimal == RTPSamples.genericNACK + "81cd0003000000010000000300650000")
  }

  @Test("a bitrate is never rounded up")
  func bitrate() {
    for bitrate: UInt64 in [0, 1, 262_143, 262_144, 262_145, 5_000_001, 100_000_000_000, .max] {
      let buffer = PacketBuffer()
      var writer = RTCPWriter(buffer)
      check(writer.receiverEstimatedMaximumBitrate(senderSSRC: 1, bitrate: bitrate, ssrcs: EmptyCollection()))
      var reader = RTCPReader(buffer.bytes)
      guard case .receiverEstimatedMaximumBitrate(let estimate) = reader.next() else {
        Issue.record("no REMB")
        return
      }
      #expect(estimate.bitrate <= bitrate)
      #expect(Double(estimate.bitrate) >= Double(bitrate) * (1 - 1.0 / 131_072))
    }
  }

  @Test("reference time and delay survive writing and reading")
  func extendedReport() {
    let buffer = PacketBuffer()
    var writer = RTCPWriter(buffer)
    check(writer.receiverReferenceTime(ssrc: 1, NTPTime(rawValue: 77)))
    check(writer.delaySinceLastReceiverReport(ssrc: 1, receiver: 2, lastReport: 3, delay: 4))
    var blocks: [ExtendedReport.Block] = []
    for case .extendedReport(let report) in RTCPReader(buffer.bytes) { blocks += Array(report) }
    #expect(
      blocks == [
        .receiverReferenceTime(NTPTime(rawValue: 77)),
        .delaySinceLastReceiverReport(ssrc: 2, lastReport: 3, delay: 4),
      ])
  }

  @Test("what doesn't fit leaves the datagram as it is")
  func limit() {
    let buffer = PacketBuffer()
    var writer = RTCPWriter(buffer, limit: 40)
    check(writer.pictureLossIndication(senderSSRC: 1, mediaSSRC: 2))
    check(writer.genericNACK(senderSSRC: 1, mediaSSRC: 2, sequenceNumber: 1))
    check(writer.genericNACK(senderSSRC: 1, mediaSSRC: 2, sequenceNumber: 100))
    check(writer.genericNACK(senderSSRC: 1, mediaSSRC: 2, sequenceNumber: 200))
    check(writer.genericNACK(senderSSRC: 1, mediaSSRC: 2, sequenceNumber: 300))
    let before = buffer.hexadecimal
    check(!writer.genericNACK(senderSSRC: 1, mediaSSRC: 2, sequenceNumber: 400))
    check(!writer.goodbye(ssrc: 1))
    check(!writer.reportBlock(RTCPReaderTests.block))
    #expect(buffer.hexadecimal == before)
  }

  @Test("a report has no more than 31 blocks")
  func blocks() {
    var writer = RTCPWriter(PacketBuffer())
    check(writer.receiverReport(ssrc: 1))
    for _ in 0..<31 { check(writer.reportBlock(RTCPReaderTests.block)) }
    check(!writer.reportBlock(RTCPReaderTests.block))
  }

  // `#expect` can't call mutating functions.
  private func check(_ isTrue: Bool, at location: SourceLocation = #_sourceLocation) {
    #expect(isTrue, sourceLocation: location)
  }
}

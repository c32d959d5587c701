import Realtime
import Testing

@testable import WebRTC

@Suite("RTCP reports")
struct RTCPReporterTests {
  let clock = NTPClock(NTPTime(rawValue: 0xE1A2_B3C4_0000_0000), at: Instant(nanoseconds: 0))
  let now = Instant(nanoseconds: 1_000_000_000)
  let pool = PacketPool()

  @Test("each sent stream has a report with its name, and received ones have blocks")
  func sending() throws {
    var random = SeededRandom(seed: 1)
    var streams: [RTPSendStream] = []
    for ssrc: UInt32 in 1...4 {
      let stream = RTPSendStream(.init(ssrc: ssrc, clockRate: 90_000), using: &random)
      streams.append(stream)
      // The last one has sent nothing yet.
      guard ssrc < 4 else { continue }
      let packet = PacketBuffer()
      try stream.begin(packet, payloadType: 96, marker: true, timestamp: 0, capturedAt: now)
      stream.end(packet, at: now)
    }
    let receivers = try receiveStreams(count: 2)
    let reporter = RTCPReporter(receiverSSRC: 77, canonicalName: "salle")
    var order: [String] = []
    reporter.report(sendStreams: streams, receiveStreams: receivers, clock: clock, at: now, pool: pool) { packet in
      for packet in RTCPReader(packet.bytes) {
        switch packet {
        case .senderReport(let report):
          order.append("SR \(report.ssrc) \(report.blocks.map(\.ssrc))")
          #expect(report.information.time == clock.time(at: now))
        case .sourceDescription(let description):
          for chunk in description { order.append("SDES \(chunk.ssrc) \(chunk.canonicalName ?? "")") }
        default: order.append("?")
        }
      }
    }
    #expect(
      order == [
        "SR 1 [1000, 1001]", "SDES 1 salle", "SR 2 []", "SDES 2 salle", "SR 3 []", "SDES 3 salle",
      ])
  }

  @Test("who only receives reports too, however many streams there are, and asks for the round trip")
  func receiving() throws {
    let receivers = try receiveStreams(count: 100)
    let reporter = RTCPReporter(receiverSSRC: 77, canonicalName: String(repeating: "n", count: 300))
    var ssrcs: [UInt32] = []
    var names = 0
    var referenceTimes = 0
    reporter.report(sendStreams: [], receiveStreams: receivers, clock: clock, at: now, pool: pool) { datagram in
      #expect(datagram.count <= RTCPWriter.defaultLimit)
      var isFirst = true
      for packet in RTCPReader(datagram.bytes) {
        if case .receiverReport(let report) = packet {
          #expect(report.ssrc == 77)
          ssrcs += report.blocks.map(\.ssrc)
        } else {
          #expect(!isFirst)
        }
        if case .sourceDescription = packet { names += 1 }
        if case .extendedReport = packet { referenceTimes += 1 }
        isFirst = false
      }
    }
    #expect(ssrcs == Array(1_000..<1_100))
    #expect(names == 1)
    #expect(referenceTimes == 1)
  }

  private func receiveStreams(count: Int) throws -> [RTPReceiveStream] {
    let packet = PacketBuffer(hexadecimal: RTPSamples.plain)
    var header = try RTPHeader(parsing: packet.bytes, extensions: RTPHeaderExtensionMap())
    return (0..<count).map { index in
      let stream = RTPReceiveStream(.init(ssrc: 1_000 + UInt32(index), clockRate: 90_000))
      header.ssrc = stream.configuration.ssrc
      _ = stream.receive(header, packet.bytes, at: now)
      return stream
    }
  }

  @Test("the first report comes early, the others every second or so and not in step")
  func schedule() {
    var random = SeededRandom(seed: 5)
    var scheduler = RTCPScheduler()
    #expect(scheduler.nextDeadline == .distantFuture)
    scheduler.streamBegan(at: now)
    var times: [Double] = []
    for millisecond in 0..<100_000 {
      let time = now + .milliseconds(millisecond)
      if scheduler.takeReport(at: time, using: &random) { times.append(Double(millisecond)) }
    }
    #expect(times.first == 50)
    let intervals = zip(times.dropFirst(), times).map { $0 - $1 }
    #expect(intervals.allSatisfy { (500...1_501).contains($0) })
    #expect((90...115).contains(intervals.count))
    #expect(Set(intervals).count > 80)
  }

  @Test("the round trip follows from a report's two fields (RFC 3550 section 6.4.1, figure 2)")
  func roundTrip() throws {
    // The figure's values: A 0xb710:8000 (46864.500 s), DLSR 0x0005:4000 (5.250 s), LSR 0xb705:2000 (46853.125 s).
    let received = Instant(nanoseconds: 0)
    let clock = NTPClock(NTPTime(rawValue: 0xB710_8000_0000), at: received)
    let roundTrip = clock.roundTripTime(lastReport: 0xB705_2000, delay: 0x0005_4000, at: received)
    #expect(roundTrip == .milliseconds(6_125))
    #expect(clock.roundTripTime(lastReport: 0, delay: 0, at: received) == nil)
    #expect(clock.roundTripTime(lastReport: 0xB710_9000, delay: 0, at: received) == nil)
    // A rounding error isn't negative.
    #expect(clock.roundTripTime(lastReport: 0xB710_8001, delay: 0, at: received) == .zero)
  }

  @Test("NTP time moves forwards and backwards, across the end of its seconds too")
  func time() {
    let time = NTPTime(rawValue: 0xFFFF_FFFF_8000_0000)
    let later = time.advanced(by: .milliseconds(1_750))
    #expect(later.rawValue == 0x0000_0001_4000_0000)
    #expect(time.duration(to: later) == .milliseconds(1_750))
    #expect(later.duration(to: time) == .milliseconds(-1_750))
    #expect(later.advanced(by: .milliseconds(-1_750)) == time)
  }
}

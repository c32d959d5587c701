import Realtime
import Testing

@testable import WebRTC

@Suite("Transport-wide feedback")
struct TransportFeedbackTests {
  @Test("feedback is read as another implementation's tests say, whatever its count of padding")
  func samples() throws {
    // Arrivals in microseconds, summed from the deltas that those tests list; −1 for what didn't arrive.
    let expected: [(base: UInt16, reference: UInt32, count: UInt8, arrivals: [Int64])] = [
      (153, 4_057_090, 23, [37_000]),
      (372, 4_567_386, 64, [2_047_500, 4_070_000, 4_122_000, 4_122_000, 4_174_000, 4_174_000]),
      (4, 1_074_030, 1, [19_000, 28_000, 37_000, 41_000, 44_000, 47_000, 51_000]),
      (1, 1_074_029, 0, [4_000, 7_000, 10_000, -1, 14_000] + [Int64](repeating: -1, count: 9)),
      (34_108, 6_551_830, 179, [38_750, 81_250, 107_750, 150_250, 181_000, -1, 247_250, -1, -1]),
    ]
    for (sample, expected) in zip(RTPSamples.transportFeedback, expected) {
      let packet = PacketBuffer(hexadecimal: sample)
      let feedback = try #require(Self.feedback(packet).first)
      #expect(feedback.baseSequenceNumber == expected.base)
      #expect(feedback.referenceTime == expected.reference)
      #expect(feedback.feedbackCount == expected.count)
      #expect(feedback.map { $0.arrival ?? -1 } == expected.arrivals)
      #expect(feedback.map(\.sequenceNumber) == expected.arrivals.indices.map { expected.base &+ UInt16($0) })
    }
  }

  @Test("the reserved symbol makes feedback malformed")
  func reserved() {
    let packet = PacketBuffer(hexadecimal: "8fcd0005000000010000000200010001000000006001000000000000")
    #expect(Self.feedback(packet).isEmpty)
  }

  @Test("the bytes of another implementation come out again, where the form isn't a matter of choice")
  func building() {
    // example4: seven small deltas in a run; example5: a one-bit vector. Both without the bit and count of padding.
    for (sample, base, reference, arrivals) in [
      (RTPSamples.transportFeedback[2], UInt16(4), Int64(1_074_030), [19, 28, 37, 41, 44, 47, 51]),
      (
        RTPSamples.transportFeedback[3], UInt16(1), Int64(1_074_029),
        [4, 7, 10, nil, 14] + [Int64?](repeating: nil, count: 9)
      ),
    ] as [(String, UInt16, Int64, [Int64?])] {
      let expected = PacketBuffer(hexadecimal: sample)
      expected.memory[0] = 0x8F
      expected.memory[expected.count - 1] = 0
      let origin = reference * 64_000
      var builder = TransportFeedbackBuilder()
      builder.begin(base: base, arrival: origin + (arrivals.first.flatMap { $0 } ?? 0) * 1_000)
      for arrival in arrivals {
        let isAdded = builder.add(arrival: arrival.map { origin + $0 * 1_000 }, room: 1_000)
        #expect(isAdded)
      }
      let buffer = PacketBuffer()
      var writer = RTCPWriter(buffer)
      let isWritten = builder.write(
        to: &writer, senderSSRC: 0xFA17_FA17, mediaSSRC: 0x193D_D8BB, feedbackCount: expected.bytes[15 + 4])
      #expect(isWritten)
      #expect(buffer.hexadecimal == expected.hexadecimal)
    }
  }

  @Test(
    "what was noted is what is read, for every kind of chunk and across the wrap",
    arguments: [0.0, 0.02, 0.3, 0.9], [0, 65_500])
  func roundTrip(loss: Double, start: Int) throws {
    var random = SeededRandom(seed: UInt64(start) + UInt64(loss * 100))
    var receiver = TransportFeedbackReceiver()
    var expected: [UInt16: Int64] = [:]
    var now = Instant(nanoseconds: 5_000_000_000)
    var chunks: Set<Int> = []
    var told: [UInt16: Int64] = [:]
    var isMissing: Set<UInt16> = []
    for index in 0..<3_000 {
      // Bursts, pauses, and some steps of more than the 63.75 ms that a small delta holds.
      now = now + .microseconds(Int64.random(in: 0..<10, using: &random) == 0 ? 70_000 : index % 7 == 0 ? 4_000 : 250)
      let number = UInt16(truncatingIfNeeded: start + index)
      if index == 0 || Double.random(in: 0..<1, using: &random) >= loss {
        receiver.receive(number, ssrc: 9, at: now)
        expected[number] = now.nanoseconds / 250_000
      }
      let packet = PacketBuffer()
      var writer = RTCPWriter(packet)
      while now >= receiver.nextDeadline {
        writer = RTCPWriter(packet)
        _ = receiver.poll(at: now, senderSSRC: 1, to: &writer)
        for feedback in Self.feedback(packet) {
          chunks.insert(Int(packet.bytes[20] >> 6))
          for status in feedback {
            guard let arrival = status.arrival else {
              isMissing.insert(status.sequenceNumber)
              continue
            }
            told[status.sequenceNumber] = Int64(feedback.referenceTime) * 256 + arrival / 250
          }
        }
      }
    }
    // What came after the last feedback isn't told yet.
    #expect(told.count > expected.count - 300)
    for (number, arrival) in told { #expect(expected[number] == arrival) }
    #expect(isMissing.isDisjoint(with: expected.keys))
    if loss == 0.3 { #expect(chunks.contains(2) || chunks.contains(3)) }
    if loss == 0 { #expect(chunks.contains(0)) }
  }

  @Test("packets that are missing between two messages are told of")
  func gapBetweenMessages() throws {
    var receiver = TransportFeedbackReceiver()
    let packet = PacketBuffer()
    var now = Instant(nanoseconds: 0)
    receiver.receive(10, ssrc: 1, at: now)
    now = now + .milliseconds(100)
    #expect(receiver.nextDeadline == now)
    #expect(poll(&receiver, packet, at: now) == [10: 0])
    receiver.receive(13, ssrc: 1, at: now)
    now = now + .milliseconds(100)
    #expect(poll(&receiver, packet, at: now) == [11: nil, 12: nil, 13: 100_000])
    // A late one is told of, with those after it.
    receiver.receive(12, ssrc: 1, at: now)
    now = now + .milliseconds(100)
    #expect(poll(&receiver, packet, at: now) == [12: 200_000, 13: 100_000])
    // Nothing more.
    #expect(receiver.nextDeadline == .distantFuture)
    #expect(poll(&receiver, packet, at: now).isEmpty)
  }

  private func poll(
    _ receiver: inout TransportFeedbackReceiver, _ packet: PacketBuffer, at now: Instant
  ) -> [UInt16: Int64?] {
    var writer = RTCPWriter(packet)
    _ = receiver.poll(at: now, senderSSRC: 1, to: &writer)
    var result: [UInt16: Int64?] = [:]
    for feedback in Self.feedback(packet) {
      for status in feedback {
        result[status.sequenceNumber] = .some(status.arrival.map { $0 + Int64(feedback.referenceTime) * 64_000 })
      }
    }
    return result
  }

  @Test("the sender joins feedback with what it sent, across the wrap of its numbers")
  func sender() throws {
    var sender = TransportFeedbackSender()
    var receiver = TransportFeedbackReceiver()
    var random = SeededRandom(seed: 3)
    var now = Instant(nanoseconds: 77_000_000_000)
    let packet = PacketBuffer()
    var arrived: [Int64: Instant] = [:]
    var results: [Int64: TransportFeedbackResult] = [:]
    var lost: Set<Int64> = []
    for index in 0..<70_000 {
      now = now + .milliseconds(1)
      let number = sender.send(byteCount: 1_000, at: now)
      #expect(number == UInt16(truncatingIfNeeded: index))
      if Int.random(in: 0..<20, using: &random) != 0 {
        receiver.receive(number, ssrc: 1, at: now + .milliseconds(30))
        arrived[Int64(index)] = now
      } else {
        lost.insert(Int64(index))
      }
      guard now >= receiver.nextDeadline else { continue }
      var writer = RTCPWriter(packet)
      _ = receiver.poll(at: now, senderSSRC: 1, to: &writer)
      for feedback in Self.feedback(packet) {
        sender.receive(feedback, at: now + .milliseconds(60)) { result in
          if result.arrival != nil { #expect(results[result.sequenceNumber]?.arrival == nil) }
          results[result.sequenceNumber] = result
        }
      }
    }
    #expect(results.count > 69_700)
    let first = try #require(results.values.filter { $0.arrival != nil }.min { $0.sequenceNumber < $1.sequenceNumber })
    let origin = try #require(first.arrival) - first.sentAt.nanoseconds / 1_000
    for (number, result) in results {
      #expect(result.byteCount == 1_000)
      if let arrival = result.arrival {
        #expect(arrived[number] == result.sentAt)
        #expect(abs(arrival - result.sentAt.nanoseconds / 1_000 - origin) <= 250)
      } else {
        #expect(lost.contains(number))
      }
    }
    // 1,000 bytes a millisecond, a twentieth lost: 7.6 Mbit/s.
    let bitrate = try #require(sender.acknowledgedBitrate)
    #expect(abs(bitrate - 7_600_000) < 300_000)
  }

  @Test("feedback on what was never sent, or long ago, is ignored")
  func nonsense() {
    var sender = TransportFeedbackSender()
    let packet = PacketBuffer(hexadecimal: RTPSamples.transportFeedback[4])
    for feedback in Self.feedback(packet) {
      sender.receive(feedback, at: Instant(nanoseconds: 0)) { _ in Issue.record("a packet never sent") }
      _ = sender.send(byteCount: 1, at: Instant(nanoseconds: 0))
      sender.receive(feedback, at: Instant(nanoseconds: 0)) { _ in Issue.record("a packet never sent") }
    }
  }

  static func feedback(_ packet: PacketBuffer) -> [TransportFeedback] {
    RTCPReader(packet.bytes).compactMap {
      guard case .transportFeedback(let feedback) = $0 else { return nil }
      return feedback
    }
  }
}

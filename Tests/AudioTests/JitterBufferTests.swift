import Audio
import Realtime
import Testing

@Suite("Jitter buffer")
struct JitterBufferTests {
  /// Prints what a schedule did, so that a change for the worse is seen before it breaks a bound.
  private func report(_ name: String, _ run: JitterSimulation, detuning: Double, clicks: Int) {
    let last = run.delays.last
    print(
      "\(name): concealed \(run.concealment * 100) %, stretched \(run.stretched), detuning \(detuning) Hz, "
        + "clicks \(clicks), delay \(last?.current ?? 0) ms, target \(last?.target ?? 0) ms, "
        + "FEC \(run.statistics.forwardErrorCorrectionPackets), RED \(run.statistics.redundantPackets), "
        + "late \(run.statistics.packetsDiscardedLate)")
  }

  @Test("the click detector finds a click that was put in, and none in the tone itself")
  func clickDetector() {
    var tone = TestSignal.tone(440, count: 48_000)
    #expect(SignalMeasurement.clicks(tone[...]).isEmpty)
    for index in 24_000..<48_000 { tone[index] += 0.03 }
    #expect(SignalMeasurement.clicks(tone[...]).count == 1)
    // A jump of phase, as a careless splice has it.
    let spliced = TestSignal.tone(440, count: 24_000) + TestSignal.tone(440, count: 24_000, from: 24_027)
    #expect(SignalMeasurement.clicks(spliced[...]).count == 1)
  }

  @Test("a constant delay is passed through untouched with little added delay")
  func constantDelay() throws {
    let run = try JitterSimulation.run(JitterSimulation.arrivals(count: 500) { _ in 30 }, seconds: 10)
    let detuning = run.largestDetuning(from: 2, to: 10)
    let clicks = run.clicks(from: 1.5, to: 10)
    report("constant", run, detuning: detuning, clicks: clicks.count)
    #expect(detuning < 0.2)
    #expect(clicks.isEmpty)
    #expect(run.concealment < 0.001)
    #expect(run.delays.filter { $0.time > 5 }.allSatisfy { $0.current <= 40 })
  }

  @Test("jitter up to 80 ms costs nothing but delay", arguments: [1, 2, 3])
  func jitter(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let arrivals = JitterSimulation.arrivals(count: 1_500) { _ in Double.random(in: 0...80, using: &random) }
    let run = try JitterSimulation.run(arrivals, seconds: 30)
    let detuning = run.largestDetuning(from: 4, to: 30)
    let clicks = run.clicks(from: 4, to: 30)
    report("jitter", run, detuning: detuning, clicks: clicks.count)
    #expect(detuning < 1)
    #expect(clicks.isEmpty)
    #expect(run.concealment < 0.01)
    #expect(run.delays.filter { $0.time > 10 }.allSatisfy { $0.current <= 130 })
  }

  @Test("lost packets are restored from the copy in the next one, without a click", arguments: [0.01, 0.05, 0.1])
  func loss(rate: Double) throws {
    var random = SeededRandom(seed: 7)
    var lost = 0
    let arrivals = JitterSimulation.arrivals(count: 1_000) { index in
      if index > 50, Double.random(in: 0..<1, using: &random) < rate {
        lost += 1
        return nil
      }
      return 20 + Double.random(in: 0...25, using: &random)
    }
    let run = try JitterSimulation.run(arrivals, seconds: 20)
    let detuning = run.largestDetuning(from: 2, to: 20)
    let clicks = run.clicks(from: 2, to: 20)
    report("loss \(rate)", run, detuning: detuning, clicks: clicks.count)
    #expect(detuning < 1)
    #expect(clicks.isEmpty)
    #expect(run.concealment < rate)
    #expect(run.statistics.forwardErrorCorrectionPackets > lost / 2)
  }

  @Test("redundant encodings leave almost nothing to conceal at 10 % loss")
  func redundancy() throws {
    var random = SeededRandom(seed: 8)
    let arrivals = JitterSimulation.arrivals(count: 1_000, withRedundancy: true) { index in
      index > 50 && Double.random(in: 0..<1, using: &random) < 0.1
        ? nil : 20 + Double.random(in: 0...10, using: &random)
    }
    let run = try JitterSimulation.run(arrivals, seconds: 20)
    let clicks = run.clicks(from: 2, to: 20)
    report("redundancy", run, detuning: run.largestDetuning(from: 2, to: 20), clicks: clicks.count)
    #expect(run.statistics.redundantPackets > 70)
    #expect(run.concealment < 0.015)
    #expect(run.largestDetuning(from: 2, to: 20) < 1)
    #expect(clicks.isEmpty)
  }

  @Test("bursts of loss are concealed and the tone comes back without a click")
  func bursts() throws {
    let arrivals = JitterSimulation.arrivals(count: 1_000) { $0 > 60 && $0 % 100 < 5 ? nil : 20 }
    let run = try JitterSimulation.run(arrivals, seconds: 20)
    let clicks = run.clicks(from: 1.5, to: 20)
    report("bursts", run, detuning: run.largestDetuning(from: 1.5, to: 20), clicks: clicks.count)
    #expect(clicks.isEmpty)
    #expect(run.concealment < 0.055)
    #expect(run.statistics.concealmentEvents >= 9)
    #expect(run.delays.filter { $0.time > 3 }.allSatisfy { $0.current < 90 })
  }

  @Test("packets out of order and doubled change nothing")
  func reorderingAndDuplication() throws {
    var random = SeededRandom(seed: 9)
    var arrivals = JitterSimulation.arrivals(count: 1_000) { index in
      // Every tenth packet comes 45 ms late, so after its two successors.
      index % 10 == 3 ? 65 : 20
    }
    for arrival in arrivals where Double.random(in: 0..<1, using: &random) < 0.2 {
      var copy = arrival
      copy.arrival = copy.arrival + .milliseconds(7)
      arrivals.append(copy)
    }
    let run = try JitterSimulation.run(arrivals, seconds: 20)
    let clicks = run.clicks(from: 3, to: 20)
    report("reordering", run, detuning: run.largestDetuning(from: 3, to: 20), clicks: clicks.count)
    #expect(run.largestDetuning(from: 3, to: 20) < 1)
    #expect(clicks.isEmpty)
    #expect(run.concealment < 0.005)
    #expect(run.statistics.packetsDuplicated > 150)
  }

  @Test("ten minutes of a clock 200 ppm off are absorbed at a constant delay", arguments: [200e-6, -200e-6])
  func drift(rate: Double) throws {
    let arrivals = JitterSimulation.arrivals(count: 30_000, drift: rate) { _ in 20 }
    let run = try JitterSimulation.run(arrivals, seconds: 595)
    let start = 570.0
    let detuning = run.largestDetuning(from: start, to: 594)
    let clicks = run.clicks(from: 100, to: 594)
    report("drift \(rate)", run, detuning: detuning, clicks: clicks.count)
    // 120 ms have to be made or left out.
    #expect(abs(run.stretched - 5_712) < 2_000)
    #expect(detuning < 1)
    #expect(run.concealment < 0.001)
    #expect(run.delays.filter { $0.time > 5 }.allSatisfy { $0.current < 50 })
  }

  @Test("a step of 200 ms in the delay is survived, and the delay comes back down")
  func delayStep() throws {
    let arrivals = JitterSimulation.arrivals(count: 2_000) { (500..<1_000).contains($0) ? 220 : 20 }
    let run = try JitterSimulation.run(arrivals, seconds: 40)
    report("step", run, detuning: run.largestDetuning(from: 32, to: 40), clicks: run.clicks(from: 1.5, to: 40).count)
    #expect(run.clicks(from: 1.5, to: 40).isEmpty)
    #expect(run.concealment < 0.01)
    // The network's delay is the new base after 3 s; then nothing need be added to it.
    #expect(run.delays.filter { $0.time > 18 && $0.time < 20.5 }.allSatisfy { $0.current < 60 })
    #expect(run.delays.filter { $0.time > 32 }.allSatisfy { $0.current < 60 })
    #expect(run.delays.allSatisfy { $0.current < 320 })
  }

  @Test("peaks of delay that keep coming back are waited for")
  func peaks() throws {
    // Every 4 s the network stands still for 160 ms.
    let arrivals = JitterSimulation.arrivals(count: 3_000) { index in
      let phase = index % 200
      return phase < 8 && index > 200 ? 20 + 160 - Double(phase) * 20 : 20
    }
    let run = try JitterSimulation.run(arrivals, seconds: 60)
    report("peaks", run, detuning: run.largestDetuning(from: 20, to: 60), clicks: run.clicks(from: 20, to: 60).count)
    // Without waiting for them there would be 14.
    #expect(run.statistics.concealmentEvents <= 4)
    #expect(run.largestDetuning(from: 20, to: 60) < 1)
  }

  @Test("after ten seconds without packets the tone is back at once and the delay is the old one")
  func outage() throws {
    let arrivals = JitterSimulation.arrivals(count: 1_500) { (300..<800).contains($0) ? nil : 20 }
    let run = try JitterSimulation.run(arrivals, seconds: 30)
    let clicks = run.clicks(from: 1.5, to: 30)
    report("outage", run, detuning: run.largestDetuning(from: 18, to: 30), clicks: clicks.count)
    #expect(clicks.isEmpty)
    #expect(run.largestDetuning(from: 18, to: 30) < 0.5)
    #expect(run.delays.filter { $0.time > 20 }.allSatisfy { $0.current < 60 })
    // Quiet, and in the end silent, while nothing comes.
    #expect(SignalMeasurement.level(run.output[(48_000 * 9)..<(48_000 * 10)]) < 0.003)
    #expect(SignalMeasurement.level(run.output[(48_000 * 15)..<(48_000 * 16)]) < 0.0001)
  }

  @Test("a sender that starts anew elsewhere in its numbers is heard again after two packets")
  func resynchronization() throws {
    let before = JitterSimulation.arrivals(count: 300) { _ in 20 }
    let after = JitterSimulation.arrivals(count: 300, firstTimestamp: 0x3000_0000) { _ in 20 }.map { packet in
      var packet = packet
      packet.arrival = packet.arrival + .seconds(6)
      packet.sequenceNumber += 20_000
      return packet
    }
    let run = try JitterSimulation.run(before + after, seconds: 12)
    report("restart", run, detuning: run.largestDetuning(from: 8, to: 12), clicks: run.clicks(from: 1.5, to: 12).count)
    #expect(run.statistics.resynchronizations == 1)
    #expect(run.largestDetuning(from: 8, to: 12) < 0.5)
    #expect(run.concealment < 0.02)
    #expect(run.delays.filter { $0.time > 10 }.allSatisfy { $0.current < 60 })
  }

  @Test("one stray packet with a wild timestamp is ignored")
  func strayPacket() throws {
    var arrivals = JitterSimulation.arrivals(count: 300) { _ in 20 }
    var stray = arrivals[150]
    stray.timestamp = stray.timestamp &+ 0x7000_0000
    stray.sequenceNumber += 1_000
    arrivals.append(stray)
    let run = try JitterSimulation.run(arrivals, seconds: 6)
    #expect(run.statistics.resynchronizations == 0)
    #expect(run.concealment < 0.001)
    #expect(run.largestDetuning(from: 1.5, to: 6) < 0.5)
  }

  @Test("lip sync: a raised minimum delay is reached within two seconds and left again, without a click")
  func minimumDelay() throws {
    let buffer = try JitterBuffer()
    var output: [Float] = []
    var delays: [Double] = []
    var block = [Float](repeating: 0, count: 480)
    let arrivals = JitterSimulation.arrivals(count: 750) { _ in 20 }
    var next = 0
    for pull in 0..<1_500 {
      let now = Instant(nanoseconds: Int64(pull) * 10_000_000 + 1)
      if pull == 400 { buffer.minimumDelay = .milliseconds(200) }
      if pull == 900 { buffer.minimumDelay = .zero }
      while next < arrivals.count, arrivals[next].arrival <= now {
        arrivals[next].payload.withUnsafeBytes {
          buffer.insert(
            sequenceNumber: arrivals[next].sequenceNumber, timestamp: arrivals[next].timestamp, payload: $0,
            arrival: arrivals[next].arrival)
        }
        next += 1
      }
      block.withUnsafeMutableBufferPointer { buffer.pull(into: $0, at: now) }
      output += block
      delays.append(Double(buffer.statistics.currentDelay) / 48)
    }
    #expect(delays[600..<900].allSatisfy { $0 > 190 && $0 < 225 })
    #expect(delays[1_200..<1_500].allSatisfy { $0 < 50 })
    #expect(SignalMeasurement.clicks(output[72_000..<720_000]).isEmpty)
    #expect(buffer.statistics.concealedSamples == 0)
  }

  @Test("the position being played follows the sender's timestamps")
  func playoutPosition() throws {
    let buffer = try JitterBuffer()
    #expect(buffer.playout == nil)
    var block = [Float](repeating: 0, count: 480)
    let arrivals = JitterSimulation.arrivals(count: 100) { _ in 20 }
    var next = 0
    for pull in 0..<250 {
      let now = Instant(nanoseconds: Int64(pull) * 10_000_000)
      while next < arrivals.count, arrivals[next].arrival <= now {
        arrivals[next].payload.withUnsafeBytes {
          buffer.insert(
            sequenceNumber: arrivals[next].sequenceNumber, timestamp: arrivals[next].timestamp, payload: $0,
            arrival: arrivals[next].arrival)
        }
        next += 1
      }
      block.withUnsafeMutableBufferPointer { buffer.pull(into: $0, at: now) }
    }
    let playout = try #require(buffer.playout)
    #expect(playout.pulledAt == Instant(nanoseconds: 2_490_000_000))
    // Packet n is sent at 1 s + n * 20 ms and arrives 20 ms later; it is heard `currentDelay` after that.
    let sentSamples = Int64(1.49 * 48_000) - 960 - Int64(buffer.statistics.currentDelay)
    #expect(playout.timestamp == 0xFFFF_0000 &+ UInt32(sentSamples))
  }

  @Test("bytes that aren't Opus, wild numbers and times neither trap nor grow the buffer")
  func garbage() throws {
    var random = SeededRandom(seed: 11)
    let buffer = try JitterBuffer()
    var block = [Float](repeating: 0, count: 480)
    for pull in 0..<3_000 {
      let now = Instant(nanoseconds: Int64(pull) * 10_000_000)
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let payload = (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        let wild = Int.random(in: 0..<4, using: &random) == 0
        let sequenceNumber: Int64 = wild ? Int64(bitPattern: random.next()) : Int64(pull)
        let timestamp: UInt32 = wild ? UInt32.random(in: 0...(.max), using: &random) : UInt32(pull) &* 480
        payload.withUnsafeBytes {
          buffer.insert(sequenceNumber: sequenceNumber, timestamp: timestamp, payload: $0, arrival: now)
          buffer.insertRedundant(timestamp: timestamp &- 960, payload: $0, arrival: now)
        }
      }
      block.withUnsafeMutableBufferPointer { buffer.pull(into: $0, at: now) }
      let peak = SignalMeasurement.peak(block[...])
      #expect(peak < 8)
    }
  }

  @Test("a flood and a stalled reader leave at most two seconds waiting")
  func flood() throws {
    let buffer = try JitterBuffer()
    let packets = CodedTone.shared.packets
    for index in 0..<1_000 {
      packets[index].withUnsafeBytes {
        buffer.insert(
          sequenceNumber: Int64(index), timestamp: UInt32(index * 960), payload: $0,
          arrival: Instant(nanoseconds: Int64(index) * 20_000_000))
      }
    }
    #expect(buffer.statistics.packetsDiscardedOverflow == 900)
    var block = [Float](repeating: 0, count: 480)
    for pull in 0..<600 {
      let now = Instant(nanoseconds: 20_000_000_000 + Int64(pull) * 10_000_000)
      block.withUnsafeMutableBufferPointer { buffer.pull(into: $0, at: now) }
    }
    #expect(buffer.playout == nil)
  }

  @Test("silences that the sender leaves out are no loss, and speech starts again without a click")
  func discontinuousTransmission() throws {
    // A second of tone, three of faint noise, and so on, each faded in and out as no real sound is cut.
    var sound = TestSignal.noise(amplitude: 0.0005, count: 48_000 * 24, seed: 4)
    let tone = TestSignal.tone(440, count: sound.count)
    for index in sound.indices where index % 192_000 < 48_000 {
      let position = index % 192_000
      let ramp = min(1, Float(min(position, 48_000 - position)) / 2_400)
      sound[index] += ramp * tone[index]
    }
    let encoder = try OpusEncoder()
    var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
    var arrivals: [JitterSimulation.Arrival] = []
    var random = SeededRandom(seed: 5)
    for index in 0..<1_200 {
      let packet = try sound[index * 960..<(index + 1) * 960].withUnsafeBufferPointer { samples in
        try bytes.withUnsafeMutableBytes { try encoder.encode(samples, into: $0) }
      }
      guard packet.needsSending else { continue }
      arrivals.append(
        JitterSimulation.Arrival(
          sequenceNumber: Int64(arrivals.count), timestamp: UInt32(index * 960),
          payload: Array(bytes[..<packet.byteCount]),
          arrival: Instant(
            nanoseconds: Int64(index) * 20_000_000 + Int64.random(in: 0...30_000_000, using: &random) + 1_000_000_000)))
    }
    let run = try JitterSimulation.run(arrivals, seconds: 24)
    report("silences", run, detuning: 0, clicks: run.clicks(from: 1, to: 24).count)
    #expect(arrivals.count < 700)
    #expect(run.clicks(from: 1, to: 24).isEmpty)
    #expect(run.statistics.concealedSamples < 24 * 480)
    #expect(run.delays.filter { $0.time > 6 }.allSatisfy { $0.current < 90 })
    for spurt in 1..<5 {
      let start = (spurt * 4 + 1) * 48_000 + 48_000 / 3
      #expect(abs(SignalMeasurement.toneFrequency(run.output[start..<start + 24_000], near: 440) - 440) < 1)
      let silence = start + 72_000
      #expect(SignalMeasurement.level(run.output[silence..<silence + 48_000]) < 0.003)
    }
  }

  @Test("stretching keeps the pitch of low and high tones", arguments: [110.0, 253.0, 997.0, 2_500.0])
  func pitchWhileStretching(frequency: Double) throws {
    let tone = CodedTone(packetCount: 750, frequency: frequency)
    // Rare late packets raise the delay; then it comes down again.
    let arrivals = JitterSimulation.arrivals(of: tone, count: 750) { index in
      (200..<350).contains(index) && index % 3 == 0 ? 120 : 20
    }
    let run = try JitterSimulation.run(arrivals, seconds: 15)
    let detuning = run.largestDetuning(from: 7, to: 15, frequency: frequency)
    report("pitch \(frequency)", run, detuning: detuning, clicks: run.clicks(from: 1.5, to: 15).count)
    #expect(run.delays.contains { $0.target >= 120 })
    #expect(run.delays.filter { $0.time > 14.5 }.allSatisfy { $0.current < 60 })
    #expect(detuning < 1)
    #expect(run.clicks(from: 1.5, to: 15).isEmpty)
  }

  @Test("a voice through jitter and loss keeps its level and gains no clicks")
  func voice() throws {
    var random = SeededRandom(seed: 21)
    let sound = TestSignal.babble(count: 48_000 * 20)
    let arrivals = JitterSimulation.arrivals(of: CodedTone(sound: sound), count: 1_000) { _ in
      Double.random(in: 0..<1, using: &random) < 0.05 ? nil : Double.random(in: 0...60, using: &random)
    }
    let run = try JitterSimulation.run(arrivals, seconds: 20)
    report("voice", run, detuning: 0, clicks: run.clicks(from: 2, to: 20).count)
    #expect(SignalMeasurement.clicks(sound[...]).isEmpty)
    #expect(run.clicks(from: 2, to: 20).isEmpty)
    let level = SignalMeasurement.level(run.output[96_000..<912_000])
    #expect(abs(level / SignalMeasurement.level(sound[96_000..<912_000]) - 1) < 0.1)
    #expect(run.concealment < 0.04)
  }
}

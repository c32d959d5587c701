import Audio
import Realtime

/// A sender, a network's timetable and a jitter buffer in virtual time.
struct JitterSimulation {
  struct Arrival {
    var sequenceNumber: Int64
    var timestamp: UInt32
    var payload: [UInt8]
    var arrival: Instant
    /// Payload of the packet before, carried along as a redundant encoding.
    var redundant: [UInt8]?
  }

  struct Sample {
    var time: Double
    var current: Double
    var target: Double
  }

  /// All sound given out.
  var output: [Float] = []
  /// The delay every 100 ms, in ms.
  var delays: [Sample] = []
  var statistics = JitterBufferStatistics()

  /// Pulls for `seconds`, while `arrivals` come in.
  static func run(
    _ arrivals: [Arrival], seconds: Double, keepsOutput: Bool = true, configure: (JitterBuffer) -> Void = { _ in }
  ) throws -> JitterSimulation {
    var result = JitterSimulation()
    let buffer = try JitterBuffer()
    configure(buffer)
    let arrivals = arrivals.sorted { $0.arrival < $1.arrival }
    var next = 0
    var block = [Float](repeating: 0, count: 480)
    let pulls = Int(seconds * 100)
    if keepsOutput { result.output.reserveCapacity(pulls * 480) }
    for pull in 0..<pulls {
      // Off the packets' grid, as a device's clock is.
      let now = Instant(nanoseconds: Int64(pull) * 10_000_000 + 3_700_000)
      while next < arrivals.count, arrivals[next].arrival <= now {
        let packet = arrivals[next]
        packet.payload.withUnsafeBytes {
          buffer.insert(
            sequenceNumber: packet.sequenceNumber, timestamp: packet.timestamp, payload: $0, arrival: packet.arrival)
        }
        packet.redundant?.withUnsafeBytes {
          buffer.insertRedundant(timestamp: packet.timestamp &- 960, payload: $0, arrival: packet.arrival)
        }
        next += 1
      }
      block.withUnsafeMutableBufferPointer { buffer.pull(into: $0, at: now) }
      if keepsOutput { result.output.append(contentsOf: block) }
      if pull % 10 == 9 {
        result.delays.append(
          Sample(
            time: Double(pull) / 100, current: Double(buffer.statistics.currentDelay) / 48,
            target: Double(buffer.statistics.targetDelay) / 48))
      }
    }
    result.statistics = buffer.statistics
    return result
  }

  /// The packets of `tone`, sent every 20 ms and each delayed by `delay` (in ms; nil: lost).
  static func arrivals(
    of tone: CodedTone = .shared, count: Int, drift: Double = 0, firstTimestamp: UInt32 = 0xFFFF_0000,
    withRedundancy: Bool = false, delay: (Int) -> Double?
  ) -> [Arrival] {
    (0..<count).compactMap { index in
      guard let delay = delay(index) else { return nil }
      let sent = Double(index) * 20_000_000 * (1 + drift)
      return Arrival(
        sequenceNumber: Int64(index) + 65_000, timestamp: firstTimestamp &+ UInt32(index * 960),
        payload: tone.packets[index % tone.packets.count],
        arrival: Instant(nanoseconds: 1_000_000_000 + Int64(sent + delay * 1_000_000)),
        redundant: withRedundancy && index > 0 ? tone.packets[(index - 1) % tone.packets.count] : nil)
    }
  }

  /// The largest deviation in Hz from `frequency` over windows of half a second of the output between two times in
  /// seconds.
  func largestDetuning(from start: Double, to end: Double, frequency: Double = CodedTone.frequency) -> Double {
    var largest = 0.0
    var position = Int(start * 48_000)
    while position + 24_000 <= min(output.count, Int(end * 48_000)) {
      let measured = SignalMeasurement.toneFrequency(
        output[position..<position + 24_000], near: frequency, reach: 6)
      largest = max(largest, abs(measured - frequency))
      position += 24_000
    }
    return largest
  }

  func clicks(from start: Double, to end: Double) -> [Int] {
    SignalMeasurement.clicks(output[Int(start * 48_000)..<min(output.count, Int(end * 48_000))])
  }

  var concealment: Double { Double(statistics.concealedSamples) / Double(max(1, statistics.totalSamples)) }

  var stretched: Int {
    statistics.removedSamplesForAcceleration + statistics.insertedSamplesForDeceleration
  }
}

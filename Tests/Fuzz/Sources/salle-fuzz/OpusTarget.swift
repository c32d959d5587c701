import Audio
import Realtime

@testable import WebRTC

extension FuzzTarget {
  /// Opus packets of one sender through the jitter buffer and the decoder to what is heard. Each record is an RTP packet;
  /// its CSRC bits, free here, and its payload type say what kind it is and how much time has passed.
  static let opus = FuzzTarget(name: "opus") { bytes in
    guard let buffer = try? JitterBuffer() else { return require(false, "no decoder") }
    let block = AudioBlock(channelCount: 1)
    var tracker = RTPSequenceTracker(clockRate: 48_000)
    var now = Instant(nanoseconds: 1_000_000_000)
    var reader = RecordReader(bytes)
    var pulled = 0
    func pull(_ count: Int) {
      for _ in 0..<count {
        buffer.pull(into: block.channel(0), at: now)
        pulled += AudioBlock.sampleCount
        now = now + AudioBlock.duration
        for sample in block.channel(0) { require(abs(sample) <= 32, "\(sample) is no sound") }
      }
    }
    while let record = reader.next() {
      guard record.count >= RTPHeader.fixedCount else { continue }
      let payload = UnsafeRawBufferPointer(rebasing: record[RTPHeader.fixedCount...])
      let timestamp = record.networkUInt32(at: 4)
      if record[0] & 1 == 0 {
        let (_, number) = tracker.receive(record.networkUInt16(at: 2), timestamp: timestamp)
        buffer.insert(sequenceNumber: number, timestamp: timestamp, payload: payload, arrival: now)
      } else {
        buffer.insertRedundant(timestamp: timestamp, payload: payload, arrival: now)
      }
      switch record[0] >> 1 & 7 {
      case 0: pull(2)
      case 1: pull(1)
      case 2: break
      case 3: pull(12)
      case 4: now = now + .milliseconds(Int64(record[1] & 0x7F))
      case 5: now = now + .seconds(Int64(record[1] & 0x7F))
      case 6: buffer.minimumDelay = .milliseconds(Int64(record[1] & 0x7F) * 20)
      default: buffer.maximumDelay = .milliseconds(Int64(record[1] & 0x7F) * 20)
      }
    }
    pull(20)
    require(buffer.statistics.totalSamples == pulled, "\(buffer.statistics.totalSamples) of \(pulled) samples")
  } seeds: {
    let speech = opusPackets(count: 12)
    let inOrder = speech.enumerated().map { index, payload in header(0, index) + payload }
    var damaged = inOrder
    damaged.remove(at: 7)
    damaged.swapAt(3, 4)
    let redundant = speech.enumerated().flatMap { index, payload in
      [header(5, index) + payload, header(0, index + 1) + payload]
    }
    // A stereo packet, one of 60 ms, one of two frames, and the end of speech.
    let others = ["7cff00", "1801020304", "790102030405060708", "78"].enumerated().map { index, payload in
      header(0, index) + payload.hexadecimalBytes
    }
    return [inOrder, damaged, redundant, others].map(RecordReader.join)
  }

  private static func header(_ flags: UInt8, _ index: Int) -> [UInt8] {
    let timestamp = UInt32(index) * 960
    return [0x80 | flags, 20, 0, UInt8(index)]
      + (0..<4).map { UInt8(truncatingIfNeeded: timestamp >> (24 - 8 * UInt32($0))) } + [0, 0, 0, 1]
  }

  /// A hum that swells, at a bit rate that has error correction in its packets.
  private static func opusPackets(count: Int) -> [[UInt8]] {
    guard let encoder = try? OpusEncoder(bitrate: 16_000, complexity: 5) else { return [] }
    encoder.expectedLoss = 30
    var target = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
    return (0..<count).compactMap { packet in
      let samples = (0..<OpusEncoder.sampleCount).map { index in
        let time = packet * OpusEncoder.sampleCount + index
        return Float(time % 320 - 160) / 800 * Float(time % 4_800) / 4_800
      }
      let written = samples.withUnsafeBufferPointer { samples in
        target.withUnsafeMutableBytes { try? encoder.encode(samples, into: $0) }
      }
      return written.map { Array(target[..<$0.byteCount]) }
    }
  }
}

@testable import Audio

extension FuzzTarget {
  /// Sound through the microphones' front end: the first byte chooses the array and the loudspeaker's channels, eight bytes
  /// a delay at which the reference is read and eight a drift, both any number there is. Then records, a block each: what
  /// the microphones hear and what was played, as patterns of four bytes that are repeated, any float there is.
  static let frontEnd = FuzzTarget(name: "front-end") { bytes in
    guard bytes.count >= 17 else { return }
    let referenceCount = 1 + Int(bytes[0] >> 2 & 1)
    let positions = (0...Int(bytes[0] & 3)).map { MicrophoneArray.Position(x: Float($0) * 0.03, y: 0, z: 0) }
    let array = (try? MicrophoneArray(microphones: positions)) ?? MicrophoneArray(unknownCount: 1)
    let frontEnd = MicrophoneFrontEnd(
      array: bytes[0] & 8 == 0 ? array : MicrophoneArray(unknownCount: positions.count), referenceCount: referenceCount)
    let capture = AudioBlock(channelCount: positions.count)
    let reference = AudioBlock(channelCount: referenceCount)
    let output = AudioBlock(channelCount: 1)
    let line = ReferenceLine(channelCount: referenceCount)
    var reader = RecordReader(UnsafeRawBufferPointer(rebasing: bytes[17...]))
    var blocks = 0
    while let record = reader.next(), blocks < 60 {
      blocks += 1
      let half = record.count / 2
      fill(capture, with: UnsafeRawBufferPointer(rebasing: record[..<half]))
      fill(reference, with: UnsafeRawBufferPointer(rebasing: record[half...]))
      frontEnd.process(capture: capture, reference: record.count & 1 == 0 ? reference : nil, into: output)
      require(output.channel(0).allSatisfy { $0.isFinite && abs($0) <= 1 }, "what is sent is no sound")
      let second = referenceCount > 1 ? UnsafePointer(reference.channel(1).baseAddress) : nil
      line.append((UnsafePointer(reference.channel(0).baseAddress), second), count: AudioBlock.sampleCount)
    }
    let report = frontEnd.report
    require(report.captureLevel.isFinite && report.gain.isFinite && report.driftPPM.isFinite, "\(report)")
    read(line, delay: number(bytes, at: 1), slope: number(bytes, at: 9))
  } seeds: {
    let patterns: [[Float]] = [
      [0.1, -0.2, 0.3, 0.05], [1, 1, -1, -1], [.nan, 0], [.infinity, -.infinity], [0], [1e-40, 1e-30], [0.5, -0.5],
    ]
    return patterns.flatMap { capture in
      [UInt8(0), 5, 11].map { choice in
        let delay: [UInt8] = withUnsafeBytes(of: 5_279.999_999_9.bitPattern) { Array($0) }
        let drift: [UInt8] = withUnsafeBytes(of: 2e-4.bitPattern) { Array($0) }
        let block = capture.flatMap { withUnsafeBytes(of: $0.bitPattern) { Array($0) } }
        return [choice] + delay + drift + RecordReader.join(Array(repeating: block + block, count: 20))
      }
    }
  }

  /// Any number; those that a delay or a drift can't be stand for the greatest.
  private static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Double {
    let value = Double(bitPattern: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    return value.isFinite ? value : 1e300
  }

  private static func fill(_ block: AudioBlock, with pattern: UnsafeRawBufferPointer) {
    let count = pattern.count / 4
    for channel in 0..<block.channelCount {
      let samples = block.channel(channel)
      for index in samples.indices {
        let place = count == 0 ? 0 : (index + channel) % count
        samples[index] =
          count == 0 ? 0 : Float(bitPattern: pattern.loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self))
      }
    }
  }

  /// The reference at a delay, and at all whole ones near the ends of what is kept.
  private static func read(_ line: ReferenceLine, delay: Double, slope: Double) {
    let target = Buffer(Lanes.zero, count: AudioBlock.sampleCount)
    let slope = min(max(slope, -4e-4), 4e-4)
    for delay in [delay, ReferenceLine.minimumDelay, ReferenceLine.maximumDelay, 0, -1e9, 1e9] {
      line.read(
        channel: 0, delay: delay, slope: slope, count: AudioBlock.sampleCount, into: target.start, lane: 0)
      for index in 0..<target.count { require(target[index][0].isFinite, "no number at \(delay)") }
    }
  }
}

import Audio

/// Opus packets of a steady tone.
struct CodedTone: Sendable {
  static let frequency = 440.0
  /// A minute of 440 Hz, encoded once for all tests.
  static let shared = CodedTone(packetCount: 3_000)

  let packets: [[UInt8]]

  init(packetCount: Int, expectedLoss: Int = 10) {
    guard let encoder = try? OpusEncoder(bitrate: 40_000, complexity: 3) else {
      packets = []
      return
    }
    encoder.expectedLoss = expectedLoss
    encoder.isDiscontinuous = false
    var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
    packets = (0..<packetCount).map { index in
      let samples = TestSignal.tone(Self.frequency, count: 960, from: index * 960)
      let count = samples.withUnsafeBufferPointer { samples in
        bytes.withUnsafeMutableBytes { (try? encoder.encode(samples, into: $0).byteCount) ?? 0 }
      }
      return Array(bytes[..<count])
    }
  }
}

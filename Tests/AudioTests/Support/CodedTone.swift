import Audio

/// Opus packets of a steady tone, or of any sound.
struct CodedTone: Sendable {
  static let frequency = 440.0
  /// A minute of 440 Hz, encoded once for all tests.
  static let shared = CodedTone(packetCount: 3_000)

  let packets: [[UInt8]]

  init(packetCount: Int, frequency: Double = Self.frequency) {
    self.init(packetCount: packetCount) { TestSignal.tone(frequency, count: 960, from: $0 * 960) }
  }

  init(sound: [Float]) {
    self.init(packetCount: sound.count / 960) { Array(sound[$0 * 960..<($0 + 1) * 960]) }
  }

  private init(packetCount: Int, samples: (Int) -> [Float]) {
    guard let encoder = try? OpusEncoder(bitrate: 40_000, complexity: 3) else {
      packets = []
      return
    }
    encoder.expectedLoss = 10
    encoder.isDiscontinuous = false
    var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
    packets = (0..<packetCount).map { index in
      let count = samples(index).withUnsafeBufferPointer { samples in
        bytes.withUnsafeMutableBytes { (try? encoder.encode(samples, into: $0).byteCount) ?? 0 }
      }
      return Array(bytes[..<count])
    }
  }
}

import Audio
import Testing

@Suite("Opus")
struct OpusTests {
  /// Encodes all whole packets of `samples`.
  private func encode(_ samples: [Float], with encoder: OpusEncoder) throws -> [(OpusEncoder.Packet, [UInt8])] {
    var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
    return try (0..<samples.count / 960).map { index in
      let packet = try samples[index * 960..<(index + 1) * 960].withUnsafeBufferPointer { samples in
        try bytes.withUnsafeMutableBytes { try encoder.encode(samples, into: $0) }
      }
      return (packet, Array(bytes[..<packet.byteCount]))
    }
  }

  private func decode(_ packets: [[UInt8]], with decoder: OpusDecoder) throws -> [Float] {
    var room = [Float](repeating: 0, count: OpusPacket.maximumSampleCount * decoder.channelCount)
    return try packets.flatMap { packet in
      let count = try packet.withUnsafeBytes { payload in
        try room.withUnsafeMutableBufferPointer { try decoder.decode(payload, into: $0) }
      }
      return Array(room[..<(count * decoder.channelCount)])
    }
  }

  private func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal.utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
  }

  @Test("a tone comes back as the same tone", arguments: [150.0, 440.0, 1_234.5, 5_000.0])
  func tone(frequency: Double) throws {
    let encoder = try OpusEncoder()
    encoder.isDiscontinuous = false
    let packets = try encode(TestSignal.tone(frequency, count: 96_000), with: encoder)
    let output = try decode(packets.map(\.1), with: try OpusDecoder())
    #expect(output.count == 96_000)
    #expect(abs(SignalMeasurement.toneFrequency(output[24_000..<72_000], near: frequency) - frequency) < 0.5)
    #expect(SignalMeasurement.toneToNoise(output[24_000..<72_000], frequency: frequency) > 15)
    #expect(SignalMeasurement.clicks(output[24_000..<72_000]).isEmpty)
    #expect(packets.allSatisfy { $0.0.needsSending })
  }

  @Test("packets that FFmpeg's libopus made decode to their tone")
  func speechOfAnotherEncoder() throws {
    let output = try decode(OpusSamples.speechTone.map(bytes), with: try OpusDecoder())
    #expect(output.count == 24_000)
    #expect(abs(SignalMeasurement.toneFrequency(output[4_800..<24_000], near: 440) - 440) < 1)
    #expect(abs(SignalMeasurement.level(output[9_600..<19_200]) - 0.354) < 0.05)
  }

  @Test("stereo packets that FFmpeg's own encoder made decode to their tone, mono and stereo")
  func musicOfAnotherEncoder() throws {
    let packets = OpusSamples.musicTone.map(bytes)
    #expect(packets.allSatisfy { $0.withUnsafeBytes { OpusPacket.isStereo($0) } })
    let mono = try decode(packets, with: try OpusDecoder())
    #expect(mono.count == 24_000)
    #expect(abs(SignalMeasurement.toneFrequency(mono[4_800..<24_000], near: 1_000) - 1_000) < 1)
    let stereo = try decode(packets, with: try OpusDecoder(channelCount: 2))
    #expect(stereo.count == 48_000)
    let left = stride(from: 0, to: stereo.count, by: 2).map { stereo[$0] }
    #expect(abs(SignalMeasurement.toneFrequency(left[4_800..<24_000], near: 1_000) - 1_000) < 1)
  }

  @Test("the bit rate is kept and may be changed while running", arguments: [24_000, 32_000, 48_000, 64_000])
  func bitrate(rate: Int) throws {
    let encoder = try OpusEncoder(bitrate: 40_000, complexity: 5)
    let noise = TestSignal.noise(amplitude: 0.3, count: 96_000, seed: 1)
    _ = try encode(noise, with: encoder)
    encoder.bitrate = rate
    let packets = try encode(noise, with: encoder)
    let measured = packets.reduce(0) { $0 + $1.0.byteCount * 8 } / 2
    #expect(abs(Double(measured) / Double(rate) - 1) < 0.25)
  }

  @Test("silence is left out after its first packets, and voice activity and level say so")
  func discontinuousTransmission() throws {
    let encoder = try OpusEncoder()
    let speech = try encode(TestSignal.babble(count: 96_000), with: encoder)
    #expect(speech.allSatisfy { $0.0.needsSending })
    #expect(speech.filter { $0.0.voiceActivity }.count > 70)
    #expect(speech.filter { $0.0.audioLevel < 30 }.count > 60)
    // A sine of 0.1 has -23 dBov.
    let tone = try encode(TestSignal.tone(300, amplitude: 0.1, count: 9_600), with: encoder)
    #expect(tone.allSatisfy { $0.0.audioLevel == 23 })
    let silence = try encode([Float](repeating: 0, count: 96_000), with: encoder)
    #expect(silence.filter { $0.0.needsSending }.count < 35)
    #expect(silence.dropFirst(50).filter { $0.0.needsSending }.count <= 10)
    #expect(silence.allSatisfy { $0.0.audioLevel == 127 && !$0.0.voiceActivity })
  }

  @Test("a packet's copy of the one before restores that, better than concealment can")
  func forwardErrorCorrection() throws {
    let encoder = try OpusEncoder(bitrate: 32_000)
    encoder.expectedLoss = 20
    encoder.isDiscontinuous = false
    let packets = try encode(TestSignal.babble(count: 96_000), with: encoder).map(\.1)
    let carriers = (10..<packets.count).filter {
      packets[$0].withUnsafeBytes { OpusPacket.hasForwardErrorCorrection($0) }
    }
    #expect(carriers.count > 60)
    let whole = try decode(packets, with: try OpusDecoder())
    func error(restoring: Bool) throws -> Double {
      var errors: [Double] = []
      for carrier in stride(from: 0, to: carriers.count, by: 7).map({ carriers[$0] }) {
        let decoder = try OpusDecoder()
        _ = try decode(Array(packets[..<(carrier - 1)]), with: decoder)
        var room = [Float](repeating: 0, count: 960)
        let count = try room.withUnsafeMutableBufferPointer { room in
          try packets[carrier].withUnsafeBytes {
            restoring
              ? try decoder.recover(sampleCount: 960, from: $0, into: room)
              : try decoder.conceal(sampleCount: 960, into: room)
          }
        }
        let difference = zip(room[..<count], whole[((carrier - 1) * 960)...]).map { $0 - $1 }
        errors.append(SignalMeasurement.level(difference[...]))
      }
      return errors.reduce(0, +) / Double(errors.count)
    }
    #expect(try error(restoring: true) < 0.6 * error(restoring: false))
  }

  @Test("any length of frame decodes", arguments: [120, 240, 480, 960, 1_920, 2_880, 5_760])
  func frameLengths(sampleCount: Int) throws {
    // Configurations of RFC 6716 table 2: music mode 2.5 to 20 ms, speech mode 40 and 60 ms, two frames of 60 ms.
    let configuration: [Int: UInt8] = [120: 28, 240: 29, 480: 30, 960: 31, 1_920: 10, 2_880: 11, 5_760: 11]
    let head = try #require(configuration[sampleCount]) << 3 | (sampleCount == 5_760 ? 1 : 0)
    let payload = [head] + [UInt8](repeating: 0x55, count: 40)
    #expect(payload.withUnsafeBytes { OpusPacket.sampleCount($0) } == sampleCount)
    #expect(try decode([payload], with: try OpusDecoder()).count == sampleCount)
  }

  @Test("nonsense is refused with an error")
  func nonsense() throws {
    let decoder = try OpusDecoder()
    #expect(throws: OpusError.invalidPacket) { try decode([[]], with: decoder) }
    // Code 3 with 63 frames of 20 ms: longer than 120 ms.
    #expect(throws: OpusError.self) { try decode([[0xFF, 0x3F, 1, 2, 3]], with: decoder) }
    #expect([0xFF, 0x3F, 1].withUnsafeBytes { OpusPacket.sampleCount($0) } == nil)
    var room = [Float](repeating: 0, count: 100)
    #expect(throws: OpusError.invalidBuffer) {
      try room.withUnsafeMutableBufferPointer { _ = try decoder.conceal(sampleCount: 480, into: $0) }
    }
  }
}

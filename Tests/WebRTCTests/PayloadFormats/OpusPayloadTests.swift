import Testing
import WebRTC

/// Reads an Opus packet from an array.
private func opus(_ bytes: [UInt8]) throws -> OpusPayload {
  try bytes.withUnsafeBytes { try OpusPayload(parsing: $0) }
}

@Suite("Opus payloads")
struct OpusPayloadTests {
  @Test("the table of contents tells duration and mode of every configuration of RFC 6716, table 2")
  func configurations() throws {
    let durations: [Double] =
      [10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 10, 20]
      + [2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20]
    for configuration in 0..<32 {
      let packet = try opus([UInt8(configuration) << 3, 0, 0])
      #expect(Double(packet.sampleCount) == durations[configuration] * 48)
      #expect(packet.mode == (configuration < 12 ? .silk : configuration < 16 ? .hybrid : .celt))
    }
    #expect(try opus([0 << 3, 0, 0]).bandwidth == 4_000)
    #expect(try opus([8 << 3, 0, 0]).bandwidth == 8_000)
    #expect(try opus([14 << 3, 0, 0]).bandwidth == 20_000)
    #expect(try opus([20 << 3, 0, 0]).bandwidth == 8_000)
  }

  @Test("several frames add up, and more than 120 ms is malformed")
  func frameCounts() throws {
    #expect(try opus([0x79, 0, 0]).sampleCount == 1_920)
    #expect(try opus([0xFF, 48 - 42, 0]).sampleCount == 5_760)
    #expect(throws: PayloadFormatError.malformed) { try opus([0xFF, 7, 0]) }
    #expect(throws: PayloadFormatError.malformed) { try opus([0xFF, 0xC0, 0]) }
    #expect(throws: PayloadFormatError.truncated) { try opus([0xFF]) }
    #expect(throws: PayloadFormatError.truncated) { try opus([]) }
  }

  @Test("packets without coded sound are known as discontinuous transmission")
  func discontinuousTransmission() throws {
    #expect(try opus([0x78]).isDiscontinuousTransmission)
    #expect(try !opus([0x78, 1, 2, 3]).isDiscontinuousTransmission)
    // The silence that media servers send: one stereo CELT frame of 20 ms.
    let silence = try opus([0xF8, 0xFF, 0xFE] + [UInt8](repeating: 0, count: 77))
    #expect(silence.sampleCount == 960 && !silence.isStereo && !silence.isDiscontinuousTransmission)
  }
}

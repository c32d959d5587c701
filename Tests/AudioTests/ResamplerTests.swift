import Audio
import Testing

@Suite("Resampler and levels")
struct ResamplerTests {
  private func convert(_ input: [Float], from inputRate: Int, to outputRate: Int) throws -> [Float] {
    let resampler = try #require(Resampler(inputRate: inputRate, outputRate: outputRate))
    var output: [Float] = []
    var room = [Float](repeating: 0, count: 480)
    var position = 0
    while position < input.count {
      // Uneven pieces, as a file reader might give.
      let piece = Array(input[position..<min(input.count, position + 333)])
      var taken = 0
      while true {
        let (consumed, produced) = piece[taken...].withUnsafeBufferPointer { input in
          room.withUnsafeMutableBufferPointer { resampler.convert(input, into: $0) }
        }
        taken += consumed
        output += room[..<produced]
        if produced < room.count, taken == piece.count { break }
      }
      position += piece.count
    }
    return output
  }

  /// A tone sampled at another rate than 48 kHz.
  private func tone(_ frequency: Double, rate: Int, seconds: Double) -> [Float] {
    TestSignal.tone(frequency * 48_000 / Double(rate), count: Int(Double(rate) * seconds))
  }

  @Test("a tone keeps its pitch and level and gains no noise above -90 dB", arguments: [44_100, 32_000, 16_000, 8_000])
  func purity(rate: Int) throws {
    for frequency in [440.0, 0.42 * Double(rate)] {
      let output = try convert(tone(frequency, rate: rate, seconds: 1), from: rate, to: 48_000)
      #expect(abs(output.count - 48_000) < 1_000)
      let middle = output[9_600..<33_600]
      #expect(SignalMeasurement.toneToNoise(middle, frequency: frequency) > 90)
      #expect(abs(SignalMeasurement.level(middle) / 0.353553 - 1) < 0.001)
    }
  }

  @Test("what the lower rate cannot hold is removed, not folded back")
  func aliasing() throws {
    let output = try convert(tone(9_000, rate: 48_000, seconds: 1), from: 48_000, to: 16_000)
    #expect(SignalMeasurement.level(output[2_000..<14_000]) < 0.353553 * 3.2e-5)
  }

  @Test("the output is aligned with the input")
  func alignment() throws {
    let output = try convert(tone(1_000, rate: 16_000, seconds: 0.5), from: 16_000, to: 48_000)
    let expected = TestSignal.tone(1_000, count: output.count)
    let difference = zip(output[4_800..<14_400], expected[4_800..<14_400]).map { $0 - $1 }
    #expect(SignalMeasurement.level(difference[...]) < 1e-4)
  }

  @Test("equal rates pass sound on, absurd rates are refused")
  func rates() {
    #expect(Resampler(inputRate: 0, outputRate: 48_000) == nil)
    #expect(Resampler(inputRate: 44_101, outputRate: 48_000) == nil)
    #expect(Resampler(inputRate: 48_000, outputRate: 48_000) != nil)
  }

  @Test("levels are those of RFC 6464")
  func levels() {
    var meter = LevelMeter()
    #expect(meter.audioLevel == 127)
    TestSignal.tone(1_000, amplitude: 1, count: 48_000).withUnsafeBufferPointer { meter.add($0) }
    #expect(meter.audioLevel == 3)
    #expect(abs(meter.peak - 1) < 0.01)
    meter.reset()
    [Float](repeating: 1, count: 100).withUnsafeBufferPointer { meter.add($0) }
    #expect(meter.audioLevel == 0)
    #expect(AudioLevel.code(rootMeanSquare: 0.01) == 40)
    #expect(AudioLevel.code(rootMeanSquare: .nan) == 127)
    #expect(AudioLevel.code(rootMeanSquare: 100) == 0)
  }
}

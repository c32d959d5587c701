import Audio
import Glibc
import SoundMeasurement
import Testing

@Suite("Asynchronous resampler")
struct AsynchronousResamplerTests {
  /// What a tone of `frequency` becomes, channel 1 a quarter of a period behind: output samples with the place of each in
  /// the input. `deviation(block)` is that of the ratio, in ppm.
  private func convert(
    _ frequency: Double, from inputRate: Int = 48_000, to outputRate: Int = 48_000, blocks: Int,
    deviation: (Int) -> Double
  ) throws -> (places: [Double], left: [Float], right: [Float]) {
    let resampler = try #require(
      AsynchronousResampler(channelCount: 2, inputRate: inputRate, outputRate: outputRate))
    let block = AudioBlock(channelCount: 2)
    var (places, left, right) = ([Double](), [Float](), [Float]())
    for index in 0..<blocks {
      for sample in 0..<480 {
        let angle = 2 * Double.pi * frequency * Double(index * 480 + sample) / Double(inputRate)
        block.channel(0)[sample] = Float(0.5 * sin(angle))
        block.channel(1)[sample] = Float(0.5 * sin(angle - .pi / 2))
      }
      let step = Double(inputRate) / Double(outputRate) * (1 + deviation(index) * 1e-6)
      let start = resampler.inputPosition
      let count = resampler.convert(block, step: step)
      for sample in 0..<count { places.append(start + Double(sample) * step) }
      left += UnsafeBufferPointer(start: resampler.samples(0), count: count)
      right += UnsafeBufferPointer(start: resampler.samples(1), count: count)
    }
    return (places, left, right)
  }

  /// Signal-to-noise ratio in dB by least-squares fit of a sine and a cosine of `frequency` at the samples' places.
  private func toneToNoise(_ samples: [Float], at places: [Double], frequency: Double, rate: Int) -> Double {
    let placed = zip(samples, places).dropFirst(4_800)
      .map { (sample: $0, phasor: Phasor(angle: 2 * Double.pi * frequency * $1 / Double(rate))) }
    var projection = ToneProjection()
    for (sample, phasor) in placed { projection.add(sample, at: phasor) }
    var residual = ToneResidual(projection)
    for (sample, phasor) in placed { residual.add(sample, at: phasor) }
    return residual.toneToNoise
  }

  @Test("a tone keeps 90 dB to noise, up to 20 kHz, while the ratio goes slowly through ±500 ppm")
  func purity() throws {
    for frequency in [50.0, 997, 6_000, 12_500, 18_000, 20_000] {
      let result = try convert(frequency, blocks: 300) { 500 * sin(Double($0) / 40) }
      let ratio = toneToNoise(result.left, at: result.places, frequency: frequency, rate: 48_000)
      #expect(ratio > 90, "\(frequency) Hz: \(ratio) dB")
    }
  }

  @Test("so it does between rates", arguments: [16_000, 32_000, 44_100, 96_000])
  func rates(rate: Int) throws {
    for frequency in [997.0, 0.41 * Double(min(rate, 48_000))] {
      let result = try convert(frequency, to: rate, blocks: 200) { Double($0) - 100 }
      #expect(abs(result.left.count - rate * 2) < 100)
      let ratio = toneToNoise(result.left, at: result.places, frequency: frequency, rate: 48_000)
      #expect(ratio > 90, "\(frequency) Hz at \(rate): \(ratio) dB")
    }
  }

  @Test("what a lower rate can't hold is removed")
  func aliasing() throws {
    let result = try convert(9_500, to: 16_000, blocks: 100) { _ in 0 }
    #expect(SignalMeasurement.level(result.left[2_000...]) < 0.353553 * 3.2e-5)
  }

  @Test("channels keep their distance, and the place of the next sample is known")
  func alignment() throws {
    let result = try convert(1_000, blocks: 100) { _ in 300 }
    for (index, place) in result.places.enumerated().dropFirst(1_000) {
      let angle = 2 * Double.pi * 1_000 * place / 48_000
      #expect(abs(Double(result.left[index]) - 0.5 * sin(angle)) < 1e-4)
      #expect(abs(Double(result.right[index]) + 0.5 * cos(angle)) < 1e-4)
    }
  }

  @Test("absurd rates and steps are refused or bounded")
  func bounds() throws {
    #expect(AsynchronousResampler(channelCount: 1, inputRate: 0, outputRate: 48_000) == nil)
    #expect(AsynchronousResampler(channelCount: 0, inputRate: 48_000, outputRate: 48_000) == nil)
    let resampler = try #require(AsynchronousResampler(channelCount: 1, inputRate: 48_000, outputRate: 96_000))
    let block = AudioBlock(channelCount: 1)
    for step in [0, -1, .nan, .infinity, 1e-9, 100] {
      let count = resampler.convert(block, step: step)
      #expect(count <= resampler.capacity && count > 800)
    }
  }
}

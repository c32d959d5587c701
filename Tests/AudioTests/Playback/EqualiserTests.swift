import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Loudspeaker's equaliser and limiter")
struct EqualiserTests {
  /// The gain in dB that `process` gives a tone.
  private func gain(_ frequency: Double, _ process: (UnsafeMutableBufferPointer<Float>) -> Void) -> Double {
    var samples = TestSignal.tone(frequency, amplitude: 0.1, count: 96_000)
    samples.withUnsafeMutableBufferPointer { samples in
      for start in stride(from: 0, to: samples.count, by: 480) {
        process(UnsafeMutableBufferPointer(rebasing: samples[start..<start + 480]))
      }
    }
    return 20 * log10(SignalMeasurement.level(samples[48_000...]) / (0.1 / 2.0.squareRoot()))
  }

  @Test("each kind of band does what its name says, and what its formula says")
  func bands() throws {
    let expectations: [(EqualiserBand.Kind, Double, [(Double, ClosedRange<Double>)])] = [
      (.peaking, 6, [(1_000, 5.99...6.01), (50, -0.1...0.1), (15_000, -0.1...0.1)]),
      (.lowShelf, 6, [(30, 5.9...6.1), (1_000, 2.9...3.1), (15_000, -0.1...0.1)]),
      (.highShelf, -6, [(30, -0.1...0.1), (1_000, -3.1 ... -2.9), (18_000, -6.1 ... -5.9)]),
      (.highPass, 0, [(100, -41 ... -39), (1_000, -3.1 ... -2.9), (10_000, -0.1...0.1)]),
      (.lowPass, 0, [(100, -0.1...0.1), (1_000, -3.1 ... -2.9), (10_000, -60 ... -40)]),
    ]
    for (kind, decibels, points) in expectations {
      let band = try #require(EqualiserBand(kind, frequency: 1_000, gain: decibels))
      for (frequency, range) in points {
        let equaliser = Equaliser([band])
        let measured = gain(frequency) { equaliser.process($0) }
        #expect(range.contains(measured), "\(kind) at \(frequency) Hz: \(measured) dB")
        #expect(abs(measured - Biquad(band).gain(at: frequency)) < 0.1)
      }
    }
  }

  @Test("bands out of range can't be made")
  func limits() {
    #expect(EqualiserBand(.peaking, frequency: 10) == nil)
    #expect(EqualiserBand(.peaking, frequency: .nan) == nil)
    #expect(EqualiserBand(.peaking, frequency: 100, gain: 13) == nil)
    #expect(EqualiserBand(.peaking, frequency: 100, gain: 0, quality: 0) == nil)
  }

  @Test("what isn't a number is gone with its block, and silence becomes true silence")
  func insanity() throws {
    let equaliser = Equaliser([try #require(EqualiserBand(.highPass, frequency: 60))])
    var block = [Float](repeating: .nan, count: 480)
    block.withUnsafeMutableBufferPointer { equaliser.process($0) }
    block = [Float](repeating: 0.5, count: 480)
    block.withUnsafeMutableBufferPointer { equaliser.process($0) }
    #expect(block.allSatisfy { $0.isFinite })
    for _ in 0..<200 {
      block = [Float](repeating: 0, count: 480)
      block.withUnsafeMutableBufferPointer { equaliser.process($0) }
    }
    #expect(block.allSatisfy { $0 == 0 })
  }

  @Test("the loudspeaker never gets more than its ceiling, and quiet sound as it is, 2 ms later")
  func ceiling() {
    let processor = LoudspeakerProcessor(LoudspeakerProfile(ceiling: -6))
    let ceiling = AudioLevel.amplitude(decibels: -6)
    var loud = TestSignal.tone(300, amplitude: 1, count: 480 * 50)
    var quiet = TestSignal.tone(300, amplitude: 0.2, count: 480 * 50)
    let original = quiet
    loud.withUnsafeMutableBufferPointer { samples in
      for start in stride(from: 0, to: samples.count, by: 480) {
        processor.process(UnsafeMutableBufferPointer(rebasing: samples[start..<start + 480]))
      }
    }
    #expect(loud.allSatisfy { abs($0) <= ceiling * 1.000_01 })
    #expect(SignalMeasurement.peak(loud[12_000...]) > 0.95 * ceiling)
    let fresh = LoudspeakerProcessor(LoudspeakerProfile(ceiling: -6))
    quiet.withUnsafeMutableBufferPointer { samples in
      for start in stride(from: 0, to: samples.count, by: 480) {
        fresh.process(UnsafeMutableBufferPointer(rebasing: samples[start..<start + 480]))
      }
    }
    let late = LoudspeakerProcessor.latency
    #expect((1_000..<20_000).allSatisfy { abs(quiet[$0 + late] - original[$0]) < 1e-6 })
  }
}

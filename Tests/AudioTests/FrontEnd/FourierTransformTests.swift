import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Transforms of the front end")
struct FourierTransformTests {
  private static func noise(_ count: Int, seed: UInt64) -> [Lanes] {
    var random = FrontEndSignal(seed: seed)
    return (0..<count).map { _ in
      var value = Lanes.zero
      for lane in 0..<8 { value[lane] = random.uniform() }
      return value
    }
  }

  @Test("a spectrum is the sum that defines it", arguments: [8, 30, 96, 960, 1_440])
  func definition(size: Int) {
    let transform = FourierTransform(size: size)
    let signal = Self.noise(size, seed: 3)
    let spectrum = Buffer(ComplexLanes.zero, count: transform.binCount)
    signal.withUnsafeBufferPointer { transform.forward($0.baseAddress!, into: spectrum.start) }
    for bin in [0, 1, size / 3, size / 2] {
      for lane in [0, 7] {
        var real = 0.0
        var imaginary = 0.0
        for index in 0..<size {
          let angle = 2 * Double.pi * Double(bin * index % size) / Double(size)
          real += Double(signal[index][lane]) * cos(angle)
          imaginary -= Double(signal[index][lane]) * sin(angle)
        }
        #expect(abs(Double(spectrum[bin][lane].real) - real) < 1e-3)
        #expect(abs(Double(spectrum[bin][lane].imaginary) - imaginary) < 1e-3)
      }
    }
  }

  @Test("the inverse gives the signal back", arguments: [8, 30, 96, 960, 1_440])
  func inverse(size: Int) {
    let transform = FourierTransform(size: size)
    let signal = Self.noise(size, seed: 4)
    let spectrum = Buffer(ComplexLanes.zero, count: transform.binCount)
    let result = Buffer(Lanes.zero, count: size)
    signal.withUnsafeBufferPointer { transform.forward($0.baseAddress!, into: spectrum.start) }
    transform.inverse(spectrum.start, into: result.start)
    for index in 0..<size { #expect(abs((result[index] - signal[index]).max()) < 1e-5) }
  }

  @Test("analysis and synthesis give the sound back 10 ms later")
  func reconstruction() {
    let analysis = SpectralAnalysis()
    let synthesis = SpectralSynthesis()
    let heard = GroupedBuffer(Lanes.zero, groupCount: 1, count: SpectralFrame.hop)
    let block = Buffer(Lanes.zero, count: SpectralFrame.hop)
    let signal = Self.noise(SpectralFrame.hop * 12, seed: 5)
    var output: [Lanes] = []
    for start in stride(from: 0, to: signal.count, by: SpectralFrame.hop) {
      for index in 0..<SpectralFrame.hop { heard[0][index] = signal[start + index] }
      analysis.process(heard)
      synthesis.process(analysis.spectra[0], into: block.start)
      output += (0..<SpectralFrame.hop).map { block[$0] }
    }
    for index in SpectralFrame.size..<signal.count {
      let difference = output[index] - signal[index - SpectralFrame.delay]
      #expect((difference * difference).max() < 1e-10)
    }
  }
}

import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Suppression and gain")
struct SuppressionTests {
  /// A frame of circular Gaussian-like noise with the given power per bin.
  private func frame(_ random: inout FrontEndSignal, power: Float, into target: Buffer<Complex>) {
    // The sum of two uniform numbers per part; each has a variance of 1/3.
    let scale = (power * 3 / 4).squareRoot()
    for bin in 0..<SpectralFrame.binCount {
      target[bin] = Complex(
        real: scale * (random.uniform() + random.uniform()), imaginary: scale * (random.uniform() + random.uniform()))
    }
  }

  @Test("the noise's power is known within a decibel, and followed when it rises by 10 dB")
  func noisePower() {
    let estimator = NoiseEstimator()
    var random = FrontEndSignal(seed: 41)
    let spectrum = Buffer(Complex.zero, count: SpectralFrame.binCount)
    let observed = Buffer<Float>(0, count: SpectralFrame.binCount)
    let none = Buffer<Float>(0, count: SpectralFrame.binCount)
    for power: Float in [1e-4, 1e-3] {
      for _ in 0..<400 {
        frame(&random, power: power, into: spectrum)
        for bin in 0..<SpectralFrame.binCount { observed[bin] = spectrum[bin].power }
        estimator.process(observed.start, echo: none.start)
      }
      var sum: Float = 0
      for bin in 0..<SpectralFrame.binCount { sum += estimator.power[bin] }
      #expect(abs(10 * log10f(sum / Float(SpectralFrame.binCount) / power)) < 1.5)
    }
  }

  @Test("speech 20 dB above the noise passes within two decibels")
  func speechPasses() {
    let suppressor = Suppressor()
    var random = FrontEndSignal(seed: 42)
    let spectrum = Buffer(Complex.zero, count: SpectralFrame.binCount)
    let none = Buffer<Float>(0, count: SpectralFrame.binCount)
    let bin = SpectralFrame.bin(800)
    for index in 0..<300 {
      frame(&random, power: 1e-4, into: spectrum)
      // Words of 150 ms, pauses of 150 ms.
      let isWord = index >= 100 && index / 15 % 2 == 0
      if isWord {
        // A partial is two bins wide or more.
        for near in -2...2 { spectrum[bin + near] = Complex(real: 0.1, imaginary: 0) }
      }
      suppressor.process(spectrum, echo: none, echoShare: 0, likeness: nil, lingering: 0)
      if isWord, index % 15 > 2 { #expect(abs(20 * log10f(spectrum[bin].real / 0.1)) < 2) }
    }
  }

  @Test("what the echo estimate doesn't explain is no talker if it is much fainter than the echo was")
  func faint() {
    var random = FrontEndSignal(seed: 45)
    let spectrum = Buffer(Complex.zero, count: SpectralFrame.binCount)
    let observed = Buffer<Float>(0, count: SpectralFrame.binCount)
    let noise = Buffer<Float>(1e-6, count: SpectralFrame.binCount)
    let echo = Buffer<Float>(1e-6, count: SpectralFrame.binCount)
    for (lingering, isTalker) in [(0, true), (0.5, true), (50, false)] as [(Float, Bool)] {
      let detector = NearEndDetector()
      for _ in 0..<50 {
        // The bins of speech hold 0.013 together.
        frame(&random, power: 1e-4, into: spectrum)
        for bin in 0..<SpectralFrame.binCount { observed[bin] = spectrum[bin].power }
        detector.process(observed, noise: noise, echo: echo, echoShare: 0, likeness: nil, lingering: lingering)
      }
      #expect(isTalker ? detector.presence > 0.7 : detector.presence < 0.05)
    }
  }

  @Test("talkers near and far come out at one level", arguments: [0.5, 0.1, 0.03] as [Float])
  func level(peak: Float) {
    let gain = AutomaticGain()
    let block = AudioBlock(channelCount: 1)
    var random = FrontEndSignal(seed: 43)
    let speech = random.noise(480 * 1_500, peak: peak)
    var last: [Float] = []
    for start in stride(from: 0, to: speech.count, by: 480) {
      for sample in 0..<480 { block.channel(0)[sample] = speech[start + sample] }
      gain.process(block.channel(0), nearEnd: 1)
      last = Array(block.channel(0))
    }
    #expect(abs(FrontEndSignal.level(last) + 22) < (peak == 0.03 ? 2 : 1))
  }

  @Test("what is no speech moves no gain")
  func noise() {
    let gain = AutomaticGain()
    let block = AudioBlock(channelCount: 1)
    for _ in 0..<500 {
      for sample in 0..<480 { block.channel(0)[sample] = 0.01 }
      gain.process(block.channel(0), nearEnd: 0.1)
    }
    #expect(gain.gain == 0)
  }
}

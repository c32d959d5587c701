import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Microphone array")
struct ArrayTests {
  private static func circle() throws -> MicrophoneArray {
    try MicrophoneArray(
      microphones: (0..<4).map { index in
        let angle = Float(index) * .pi / 2
        return .init(x: 0.04 * cosf(angle), y: 0.04 * sinf(angle), z: 0)
      })
  }

  private static func line() throws -> MicrophoneArray {
    try MicrophoneArray(microphones: (0..<8).map { .init(x: (Float($0) - 3.5) * 0.035, y: 0, z: 0) })
  }

  /// What the microphones' spectra are for a plane wave with the spectrum `wave` from `azimuth` degrees.
  private func plane(_ array: MicrophoneArray, azimuth: Float, wave: (Int) -> Complex) -> GroupedBuffer<ComplexLanes> {
    let spectra = GroupedBuffer(ComplexLanes.zero, groupCount: 1, count: SpectralFrame.binCount)
    let angle = azimuth * .pi / 180
    let first = array.microphones[0]
    let waves = (0..<SpectralFrame.binCount).map(wave)
    for (index, position) in array.microphones.enumerated() {
      let path = (position.x - first.x) * cosf(angle) + (position.y - first.y) * sinf(angle)
      for bin in 0..<SpectralFrame.binCount {
        let phase = 2 * .pi * Float(bin) * SpectralFrame.binWidth * path / 343
        spectra[0][bin][index] = waves[bin] * Complex(real: cosf(phase), imaginary: sinf(phase))
      }
    }
    return spectra
  }

  @Test("a beam leaves its own direction as it is", arguments: [true, false])
  func distortionless(isLine: Bool) throws {
    let array = try isLine ? Self.line() : Self.circle()
    let beamformer = Beamformer(array: array)
    let result = Buffer(Complex.zero, count: SpectralFrame.binCount)
    for direction in [0, 7, 20] {
      let wave = plane(array, azimuth: beamformer.azimuths[direction]) { _ in Complex(real: 0.6, imaginary: -0.8) }
      beamformer.apply(direction, to: wave, into: result)
      for bin in 0..<SpectralFrame.binCount {
        #expect((result[bin] - Complex(real: 0.6, imaginary: -0.8)).power < 1e-4)
      }
    }
  }

  @Test("a beam hears less of a diffuse field than one microphone does")
  func directivity() throws {
    let array = try Self.circle()
    let beamformer = Beamformer(array: array)
    let result = Buffer(Complex.zero, count: SpectralFrame.binCount)
    var power = [Float](repeating: 0, count: SpectralFrame.binCount)
    // Waves from around: in the plane, which is harder than from the whole sphere.
    for step in 0..<72 {
      let wave = plane(array, azimuth: Float(step) * 5) { _ in Complex(real: 1, imaginary: 0) }
      beamformer.apply(10, to: wave, into: result)
      for bin in 0..<SpectralFrame.binCount { power[bin] += result[bin].power / 72 }
    }
    for frequency: Float in [1_000, 2_000, 3_500] {
      #expect(10 * log10f(power[SpectralFrame.bin(frequency)]) < -2.5)
    }
  }

  @Test("a talker's direction is found", arguments: [true, false])
  func direction(isLine: Bool) throws {
    let array = try isLine ? Self.line() : Self.circle()
    let beamformer = Beamformer(array: array)
    let finder = DirectionFinder(beamformer: beamformer)
    let presence = Buffer<Float>(1, count: SpectralFrame.binCount)
    var random = FrontEndSignal(seed: 21)
    for azimuth: Float in [62, 131] {
      for _ in 0..<200 {
        let wave = plane(array, azimuth: azimuth) { _ in Complex(real: random.uniform(), imaginary: random.uniform()) }
        for bin in 0..<SpectralFrame.binCount {
          for lane in 0..<array.microphones.count {
            wave[0][bin].real[lane] += 0.2 * random.uniform()
            wave[0][bin].imaginary[lane] += 0.2 * random.uniform()
          }
        }
        finder.process(wave, presence: presence)
      }
      let found = beamformer.azimuths[try #require(finder.direction)]
      #expect(abs(found - azimuth) <= 5)
    }
  }

  @Test("sound from the echo's place is told from sound from elsewhere", arguments: [true, false])
  func likeness(isLine: Bool) throws {
    let array = try isLine ? Self.line() : Self.circle()
    var random = FrontEndSignal(seed: 22)
    for (azimuth, isEcho) in [(Float(30), true), (115, false)] {
      let likeness = SpatialLikeness(microphoneCount: array.microphones.count)
      for _ in 0..<30 {
        let echo = plane(array, azimuth: 30) { _ in Complex(real: random.uniform(), imaginary: random.uniform()) }
        let heard = plane(array, azimuth: azimuth) { _ in Complex(real: random.uniform(), imaginary: random.uniform()) }
        likeness.process(heard, echo: echo)
      }
      let value = try #require(likeness.value)
      #expect(isEcho ? value > 0.95 : value < 0.3)
    }
    #expect(SpatialLikeness(microphoneCount: 2).value == nil)
  }

  @Test("geometries that can't be are refused")
  func refusal() {
    #expect(throws: MicrophoneArray.GeometryError.microphoneCount(0)) { try MicrophoneArray(microphones: []) }
    #expect(throws: MicrophoneArray.GeometryError.microphoneCount(17)) {
      try MicrophoneArray(microphones: (0..<17).map { .init(x: Float($0), y: 0, z: 0) })
    }
    #expect(throws: MicrophoneArray.GeometryError.position(microphone: 1)) {
      try MicrophoneArray(microphones: [.init(x: 0, y: 0, z: 0), .init(x: .nan, y: 0, z: 0)])
    }
  }
}

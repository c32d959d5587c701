#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Superdirective beams (minimum variance in a diffuse field, Bitzer and Simmer 2001): for each direction the weights that
/// let a talker there through unchanged and hear as little as possible of what comes from everywhere, reverberation and
/// room noise. Where microphones are too close to each other for that, the white noise gain is bounded, so that their
/// own noise and mismatch are not amplified.
final class Beamformer {
  private static let speedOfSound: Float = 343
  /// The least white noise gain, as a power ratio: -3 dB.
  private static let whiteNoiseGain: Double = 0.5

  let microphoneCount: Int
  let groupCount: Int
  /// Azimuth of each direction in degrees.
  let azimuths: [Float]
  private let weights: Buffer<ComplexLanes>
  private let positions: [MicrophoneArray.Position]

  init(array: MicrophoneArray) {
    microphoneCount = array.microphones.count
    groupCount = Lanes.groupCount(for: microphoneCount)
    positions = array.microphones
    // A line of microphones hears front and back alike.
    azimuths = array.isLinear ? (0...36).map { Float($0) * 5 } : (0..<72).map { Float($0) * 5 }
    weights = Buffer(.zero, count: azimuths.count * SpectralFrame.binCount * groupCount)
    for bin in 0..<SpectralFrame.binCount { design(bin) }
  }

  /// By how many seconds sound from `direction` reaches `microphone` earlier than the first one.
  func lead(direction: Int, microphone: Int) -> Float {
    let angle = azimuths[direction] * .pi / 180
    let (p, q) = (positions[microphone], positions[0])
    return ((p.x - q.x) * cosf(angle) + (p.y - q.y) * sinf(angle)) / Self.speedOfSound
  }

  /// The beam to `direction` of one spectrum per group of microphones.
  func apply(_ direction: Int, to spectra: GroupedBuffer<ComplexLanes>, into target: Buffer<Complex>) {
    for bin in 0..<SpectralFrame.binCount {
      var real = Lanes.zero
      var imaginary = Lanes.zero
      let w = weights.start + (direction * SpectralFrame.binCount + bin) * groupCount
      for group in 0..<groupCount {
        let x = spectra[group][bin]
        real += w[group].real * x.real + w[group].imaginary * x.imaginary
        imaginary += w[group].real * x.imaginary - w[group].imaginary * x.real
      }
      target[bin] = Complex(real: real.sum(), imaginary: imaginary.sum())
    }
  }

  private func design(_ bin: Int) {
    let frequency = Double(Float(bin) * SpectralFrame.binWidth)
    let omega = 2 * Double.pi * frequency
    let count = microphoneCount
    var coherence = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<count {
        let (p, q) = (positions[i], positions[j])
        let (dx, dy, dz) = (Double(p.x - q.x), Double(p.y - q.y), Double(p.z - q.z))
        let phase = omega * (dx * dx + dy * dy + dz * dz).squareRoot() / Double(Self.speedOfSound)
        coherence[i * count + j] = phase < 1e-6 ? 1 : sin(phase) / phase
      }
    }
    for direction in azimuths.indices {
      let steering = (0..<count).map { omega * Double(lead(direction: direction, microphone: $0)) }
      var loading = 1e-3
      while !store(bin, direction, coherence, steering, loading), loading < 100 { loading *= 2 }
    }
  }

  /// Computes the weights with `loading` on the coherence's diagonal; false if they amplify white noise too much.
  private func store(
    _ bin: Int, _ direction: Int, _ coherence: [Double], _ steering: [Double], _ loading: Double
  ) -> Bool {
    let count = microphoneCount
    var matrix = coherence
    for index in 0..<count { matrix[index * count + index] += loading }
    guard let factor = LinearAlgebra.choleskyFactor(of: matrix, size: count) else { return false }
    let real = LinearAlgebra.solve(factor, steering.map { cos($0) })
    let imaginary = LinearAlgebra.solve(factor, steering.map { sin($0) })
    var gain = 0.0
    var norm = 0.0
    for index in 0..<count {
      gain += real[index] * cos(steering[index]) + imaginary[index] * sin(steering[index])
      norm += real[index] * real[index] + imaginary[index] * imaginary[index]
    }
    guard gain * gain / norm >= Self.whiteNoiseGain || loading > 50 else { return false }
    for index in 0..<count {
      let cell = (direction * SpectralFrame.binCount + bin) * groupCount + Lanes.group(of: index)
      weights.start[cell][Lanes.lane(of: index)] = Complex(
        real: Float(real[index] / gain), imaginary: Float(imaginary[index] / gain))
    }
    return true
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Finds the talker's direction: the steered response power with phase transform (DiBiase 2000) over the beams'
/// directions, from the bins in which near-end speech stands out.
final class DirectionFinder {
  private static let lowest: Float = 300
  private static let highest: Float = 5_500
  /// How fast later words change what the earlier ones said, per look at all directions.
  private static let rate: Float = 0.1
  /// Every direction is looked at once in so many frames.
  private static let rounds = 4

  private let bins: Range<Int>
  private let directionCount: Int
  private let groupCount: Int
  /// The conjugate steering vectors.
  private let steering: Buffer<ComplexLanes>
  private let phases: Buffer<ComplexLanes>
  private let weights: Buffer<Float>
  private let response: Buffer<Float>
  private let evidence: Buffer<Float>
  private var turn = 0
  private var age = 0

  /// The beam's direction, an index of the beamformer's azimuths; nil before anybody spoke.
  private(set) var direction: Int?

  init(beamformer: Beamformer) {
    bins = SpectralFrame.bin(Self.lowest)..<SpectralFrame.bin(Self.highest)
    directionCount = beamformer.azimuths.count
    groupCount = beamformer.groupCount
    steering = Buffer(.zero, count: directionCount * bins.count * groupCount)
    phases = Buffer(.zero, count: bins.count * groupCount)
    weights = Buffer(0, count: bins.count)
    response = Buffer(0, count: directionCount)
    evidence = Buffer(0, count: directionCount)
    for direction in 0..<directionCount {
      for (index, bin) in bins.enumerated() {
        for microphone in 0..<beamformer.microphoneCount {
          let omega = 2 * Float.pi * Float(bin) * SpectralFrame.binWidth
          let phase = omega * beamformer.lead(direction: direction, microphone: microphone)
          let cell = (direction * bins.count + index) * groupCount + Lanes.group(of: microphone)
          steering.start[cell][Lanes.lane(of: microphone)] = Complex(real: cosf(phase), imaginary: -sinf(phase))
        }
      }
    }
  }

  /// Takes one frame: the microphones' spectra, and for each bin how likely it is the near talker's, 0 to 1.
  func process(_ spectra: GroupedBuffer<ComplexLanes>, presence: Buffer<Float>) {
    let total = normalise(spectra, presence)
    guard total > 0.03 * Float(bins.count) else { return }
    // A quarter of the directions in each frame; one frame of speech is like the next.
    let first = directionCount * turn / Self.rounds
    let end = directionCount * (turn + 1) / Self.rounds
    turn = (turn + 1) % Self.rounds
    for direction in first..<end { response[direction] = steer(direction) / total }
    if turn == 0 { judge(min(1, total / (0.2 * Float(bins.count)))) }
  }

  private func normalise(_ spectra: GroupedBuffer<ComplexLanes>, _ presence: Buffer<Float>) -> Float {
    var total: Float = 0
    for (index, bin) in bins.enumerated() {
      let weight = presence[bin] > 0.3 ? presence[bin] : 0
      weights[index] = weight
      total += weight
      guard weight > 0 else { continue }
      for group in 0..<groupCount {
        let value = spectra[group][bin]
        let scale = 1 / (value.power + Lanes(repeating: 1e-20)).squareRoot()
        phases[index * groupCount + group] = ComplexLanes(real: value.real * scale, imaginary: value.imaginary * scale)
      }
    }
    return total
  }

  private func steer(_ direction: Int) -> Float {
    var sum: Float = 0
    for index in 0..<bins.count where weights[index] > 0 {
      var real = Lanes.zero
      var imaginary = Lanes.zero
      for group in 0..<groupCount {
        let s = steering[(direction * bins.count + index) * groupCount + group]
        let z = phases[index * groupCount + group]
        real += s.real * z.real - s.imaginary * z.imaginary
        imaginary += s.real * z.imaginary + s.imaginary * z.real
      }
      let (a, b) = (real.sum(), imaginary.sum())
      sum += weights[index] * (a * a + b * b)
    }
    return sum
  }

  private func judge(_ confidence: Float) {
    var mean: Float = 0
    for index in 0..<directionCount { mean += response[index] / Float(directionCount) }
    // The first words count at once, later ones within a third of a second.
    age += 1
    let rate = max(Self.rate, 1 / Float(age)) * confidence
    var best = 0
    for index in 0..<directionCount {
      evidence[index] += rate * (response[index] - mean - evidence[index])
      if evidence[index] > evidence[best] { best = index }
    }
    // The beam stays unless another direction is clearly better, so that it doesn't waver.
    if let direction, evidence[best] < 1.02 * evidence[direction] { return }
    direction = best
  }
}

/// How far what the microphones hear comes from where the echo comes from, by the phases and levels between them.
///
/// What a canceller leaves after a change of volume or delay, or of a distorted echo, comes from the loudspeaker like the
/// echo estimate itself; a talker in the room doesn't. Both are compared within one frame, so this is known at once.
final class SpatialLikeness {
  /// Below, an array is small against the wavelength, and everything comes from everywhere.
  private static let bins = SpectralFrame.bin(900)..<SpectralFrame.bin(5_000)

  private let microphoneCount: Int
  private var smoothed: Float = 0

  /// 0: as from anywhere else, 1: as the echo; nil if there are too few microphones to tell.
  var value: Float? { microphoneCount > 2 ? smoothed : nil }

  init(microphoneCount: Int) {
    self.microphoneCount = microphoneCount
  }

  /// Takes the spectra of the microphones after cancellation and of the echo estimate.
  func process(_ heard: GroupedBuffer<ComplexLanes>, echo: GroupedBuffer<ComplexLanes>) {
    guard microphoneCount > 2 else { return }
    var sum: Float = 0
    var total: Float = 1e-9
    for bin in Self.bins {
      var real = Lanes.zero
      var imaginary = Lanes.zero
      var heardPower = Lanes.zero
      var echoPower = Lanes.zero
      for group in 0..<echo.groupCount {
        let (e, y) = (heard[group][bin], echo[group][bin])
        real += e.real * y.real + e.imaginary * y.imaginary
        imaginary += e.imaginary * y.real - e.real * y.imaginary
        heardPower += e.power
        echoPower += y.power
      }
      let (a, b) = (real.sum(), imaginary.sum())
      let (e, y) = (heardPower.sum(), echoPower.sum())
      guard y > 0.003 * e, y > 1e-9 else { continue }
      let weight = e.squareRoot()
      sum += weight * (a * a + b * b) / (e * y + 1e-20)
      total += weight
    }
    // Independent sources have a mean coherence of one over the number of microphones.
    let chance = 1 / Float(microphoneCount)
    let likeness = max(0, (sum / total - chance) / (1 - chance))
    smoothed += 0.3 * (likeness - smoothed)
  }
}

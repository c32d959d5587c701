/// How sure it is that somebody in the room speaks. It decides nothing alone: it makes the suppressor generous to the
/// talker while there is one, and strict with the echo while there is none.
final class NearEndDetector {
  private static let lowBins = SpectralFrame.bin(150)..<SpectralFrame.bin(1_500)
  private static let highBins = SpectralFrame.bin(1_500)..<SpectralFrame.bin(9_000)
  /// What is up to so many times what noise and echo are expected to be isn't taken for speech.
  private static let generosity: Float = 5
  /// What is so much fainter than the echo was is what the canceller leaves of it, or its tail beyond the filter's end.
  /// A talker in the room, at five metres and against a loud far end, is 20 dB fainter.
  private static let faintness: Float = 0.002
  /// How much of the presence is left after a frame without speech.
  private static let hold: Float = 0.93
  /// How much of a rise counts in its first frame.
  private static let attack: Float = 0.4
  /// From which part of the output that follows the echo's pattern on it counts as echo, and where it is all echo.
  private static let doubtfulShare: Float = 0.4
  private static let doubtWidth: Float = 0.3
  /// By how much more is needed when it comes from elsewhere.
  private static let elsewhere: Float = 0.25
  /// Likenesses to the echo's place at which what is heard begins to count as echo, and where it does for certain.
  private static let placeOfEcho: ClosedRange<Float> = 0.42...0.62

  /// How sure it is, 0 to 1.
  private(set) var presence: Float = 0
  /// How long what is heard has had the colour of voiced speech, 0 to 1: keys, paper and the like are bright and short.
  private(set) var voiced: Float = 0

  /// Takes one frame's power, how much of it is expected to be noise and echo, the share of it that follows the echo's
  /// pattern, how much it comes from where the echo comes from (nil: too few microphones to tell), and the power that
  /// the echo had before the canceller while the room still rings with it.
  func process(
    _ observed: Buffer<Float>, noise: Buffer<Float>, echo: Buffer<Float>, echoShare: Float, likeness: Float?,
    lingering: Float
  ) {
    var unexplained: Float = 0
    var total: Float = 1e-12
    var heard: Float = 0
    for bin in SpectralFrame.speechBins {
      // Each bin counts alike, whatever the colour of what disturbs it.
      let expected = noise[bin] + echo[bin]
      total += observed[bin] / expected
      heard += observed[bin]
      unexplained += max(0, observed[bin] / expected - Self.generosity)
    }
    // Sets in at the limit and is certain a factor of four above it.
    let loudness = min(1, max(0, (heard / (Self.faintness * lingering + 1e-12) - 1) / 3))
    let share = unexplained / total * loudness * (1 - doubt(echoShare: echoShare, likeness: likeness))
    // A word's beginning counts nearly at once, its end a little later.
    let rate = share > presence ? Self.attack : 1 - Self.hold
    presence += rate * (share - presence)
    let isVoiced =
      surplus(Self.lowBins, observed, noise, echo) > 2 * surplus(Self.highBins, observed, noise, echo) + 1e-12
    voiced += 0.3 * ((isVoiced ? 1 : 0) - voiced)
  }

  /// How sure it is that what is unexplained is echo all the same.
  private func doubt(echoShare: Float, likeness: Float?) -> Float {
    guard let likeness else { return min(1, max(0, (echoShare - Self.doubtfulShare) / Self.doubtWidth)) }
    let range = Self.placeOfEcho
    let placed = (likeness - range.lowerBound) / (range.upperBound - range.lowerBound)
    // Between places that are alike and some that aren't, the pattern decides.
    let distant = min(1, max(0, (0.3 - likeness) / 0.15))
    let patterned = (echoShare - Self.doubtfulShare - Self.elsewhere * distant) / Self.doubtWidth
    // A talker may sit by the loudspeaker: his pattern isn't the echo's.
    return min(1, max(0, patterned, min(placed, echoShare / 0.15)))
  }

  private func surplus(
    _ bins: Range<Int>, _ observed: Buffer<Float>, _ noise: Buffer<Float>, _ echo: Buffer<Float>
  ) -> Float {
    var sum: Float = 0
    for bin in bins { sum += max(0, observed[bin] - 2 * (noise[bin] + echo[bin])) }
    return sum
  }
}

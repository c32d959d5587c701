#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Converts one channel from any rate to 48 kHz by a windowed-sinc filter, so that a file of another rate neither aliases
/// nor loses its treble. Allocates when made, not when running.
struct SampleRateConverter {
  /// Zero crossings of the sinc on each side.
  private static let zeroCrossings = 16
  /// Entries of the filter table between zero crossings; between entries it is interpolated.
  private static let resolution = 256

  /// Input samples needed on each side of an output sample.
  let reach: Int
  private let step: Double
  private let scale: Double
  private let table: [Float]
  private var history: [Float]
  /// Where in `history` the next output sample lies.
  private var position: Double

  init(inputRate: Int) {
    step = Double(inputRate) / 48_000
    // When the rate goes down, the filter goes down with it.
    scale = min(1, 1 / step) * 0.95
    reach = Int((Double(Self.zeroCrossings) / scale).rounded(.up))
    let count = Self.zeroCrossings * Self.resolution
    table = (0...count + 1).map { index in
      let x = Double(index) / Double(Self.resolution) * Double.pi
      let phase = min(Double(index) / Double(count), 1) * Double.pi
      let window = 0.42 + 0.5 * cos(phase) + 0.08 * cos(2 * phase)
      return Float((index == 0 ? 1 : sin(x) / x) * window)
    }
    history = [Float](repeating: 0, count: 2 * reach + 2 + Int(step.rounded(.up)))
    position = Double(history.count - reach - 1)
  }

  /// The next output sample; takes what input it needs from `next`.
  mutating func sample<Failure: Error>(_ next: () throws(Failure) -> Float) throws(Failure) -> Float {
    position += step
    while Int(position) + reach + 1 > history.count {
      // The history is short (33 samples for the usual rates): moving it costs less than a ring's index arithmetic.
      for index in 1..<history.count { history[index - 1] = history[index] }
      history[history.count - 1] = try next()
      position -= 1
    }
    let centre = Int(position)
    var sum: Float = 0
    for index in max(centre - reach + 1, 0)...min(centre + reach, history.count - 1) {
      let place = abs(Double(index) - position) * scale * Double(Self.resolution)
      let entry = Int(place)
      guard entry < table.count - 1 else { continue }
      let fraction = Float(place - Double(entry))
      sum += history[index] * (table[entry] + (table[entry + 1] - table[entry]) * fraction)
    }
    return sum * Float(scale)
  }
}

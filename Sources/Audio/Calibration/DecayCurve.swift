#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How sound dies away: Schroeder's backward integral of an impulse response's energy (ISO 3382-1), up to where the noise
/// begins.
struct DecayCurve {
  private static let step = 240

  /// Decibels below the beginning, every 5 ms.
  let levels: [Double]

  /// The curve of `energy`, a value per sample.
  init(energy: [Double]) {
    let steps = energy.count / Self.step
    let parts = (0..<steps).map { part in
      energy[part * Self.step..<(part + 1) * Self.step].reduce(0, +)
    }
    let tail = parts.suffix(max(steps / 10, 1))
    let noise = tail.reduce(0, +) / Double(max(tail.count, 1))
    // Where the mean over 50 ms comes within 5 dB of the noise, the decay can't be told from it any more.
    let end =
      parts.indices.first { index in
        let window = parts[index..<min(index + 10, steps)]
        return window.reduce(0, +) / Double(window.count) < 3 * noise
      } ?? steps
    var sum = 0.0
    var integral = [Double](repeating: 0, count: end)
    for index in (0..<end).reversed() {
      sum += max(0, parts[index] - noise)
      integral[index] = sum
    }
    levels = integral.map { 10 * log10(max($0, 1e-30) / max(sum, 1e-30)) }
  }

  /// Seconds for 60 dB from the slope between -5 and -35 dB, or -25 dB if the noise comes sooner; nil if even that is
  /// lost in it.
  var reverberationTime: Double? {
    for range in [-35.0 ... -5.0, -25.0 ... -5.0] {
      // The truncated integral bends down at its end: what is used must end 5 dB above that.
      guard let last = levels.last, last < range.lowerBound - 5 else { continue }
      let points = levels.enumerated().filter { range.contains($0.element) }.map { (Double($0.offset), $0.element) }
      guard points.count >= 4 else { continue }
      let count = Double(points.count)
      let (x, y) = (points.reduce(0) { $0 + $1.0 } / count, points.reduce(0) { $0 + $1.1 } / count)
      let slope =
        points.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) } / points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
      guard slope < 0 else { continue }
      return -60 / slope * Double(Self.step) / Double(AudioBlock.sampleRate)
    }
    return nil
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An exponential sine sweep (Farina 2000): its frequency rises by the same ratio in the same time, so that what a
/// loudspeaker adds in harmonics comes out of the analysis before the linear response, each harmonic at its own time.
public struct ExponentialSweep: Sendable, Equatable {
  /// Where it begins, in Hz.
  public let lowest: Double
  /// Where it ends, in Hz.
  public let highest: Double
  /// Its length in samples at 48 kHz.
  public let sampleCount: Int
  /// Its peak, dBFS.
  public let level: Double

  /// A sweep; the usual one takes four seconds and is heard well, but isn't loud.
  /// - Parameters:
  ///   - seconds: 1 to 8.
  ///   - level: -60 to -1 dBFS.
  public init(lowest: Double = 60, highest: Double = 20_000, seconds: Double = 4, level: Double = -12) {
    self.lowest = min(max(lowest, 20), 200)
    self.highest = min(max(highest, 4_000), 22_000)
    sampleCount = Int(min(max(seconds, 1), 8) * Double(AudioBlock.sampleRate))
    self.level = min(max(level, -60), -1)
  }

  /// In how many samples the frequency rises by a factor of e.
  var octaveScale: Double { Double(sampleCount) / log(highest / lowest) }

  /// By how many samples the `order`-th harmonic's response comes before the linear one.
  func lead(ofHarmonic order: Int) -> Double { octaveScale * log(Double(order)) }

  /// Sample `index`; silence before and after the sweep.
  public func sample(_ index: Int) -> Float {
    guard (0..<sampleCount).contains(index) else { return 0 }
    let phase = 2 * Double.pi * lowest / Double(AudioBlock.sampleRate) * octaveScale
    // Soft ends: a sine that begins or stops at once is a click.
    let fadeIn = min(1, Double(index) / 2_400)
    let fadeOut = min(1, Double(sampleCount - 1 - index) / 240)
    let envelope = 0.5 - 0.5 * cos(.pi * min(fadeIn, fadeOut))
    return Float(pow(10, level / 20) * envelope * sin(phase * (exp(Double(index) / octaveScale) - 1)))
  }
}

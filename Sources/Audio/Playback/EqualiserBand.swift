/// One filter of an equaliser.
public struct EqualiserBand: Sendable, Hashable {
  /// What it does.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Raises or lowers what is around its frequency.
    case peaking
    /// Raises or lowers what is below its frequency.
    case lowShelf
    /// Raises or lowers what is above its frequency.
    case highShelf
    /// Takes away what is below its frequency, 12 dB per octave.
    case highPass
    /// Takes away what is above its frequency, 12 dB per octave.
    case lowPass
  }

  /// What it does.
  public let kind: Kind
  /// The middle of a peak, or the corner, in Hz.
  public let frequency: Double
  /// By how much, in decibels; without meaning for `highPass` and `lowPass`.
  public let gain: Double
  /// Q: how narrow a peak is, or how steep a corner; 0.707 is as steep as it gets without a bump.
  public let quality: Double

  /// A band.
  /// - Parameters:
  ///   - frequency: 20 to 20,000 Hz.
  ///   - gain: -24 to 12 dB. A loudspeaker isn't asked for more than it can give.
  ///   - quality: 0.1 to 20.
  /// - Returns: nil if a value isn't within these limits.
  public init?(_ kind: Kind, frequency: Double, gain: Double = 0, quality: Double = 0.707) {
    guard (20...20_000).contains(frequency), (-24...12).contains(gain), (0.1...20).contains(quality) else { return nil }
    self.kind = kind
    self.frequency = frequency
    self.gain = gain
    self.quality = quality
  }
}

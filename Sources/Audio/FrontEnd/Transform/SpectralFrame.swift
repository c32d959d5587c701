#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The windows of the short-time spectra: frames of 30 ms every 10 ms, whose product of analysis and synthesis window is
/// a Hann window over the last 20 ms. So the spectra resolve 33 Hz, and sound is only 10 ms late (after Mauler and Martin
/// 2007).
enum SpectralFrame {
  /// Samples from one frame to the next.
  static let hop = AudioBlock.sampleCount
  /// Samples in a frame.
  static let size = 3 * hop
  /// Values of a spectrum.
  static let binCount = size / 2 + 1
  /// By how many samples sound is delayed from analysis to synthesis.
  static let delay = hop

  /// Hz from bin to bin.
  static let binWidth = Float(AudioBlock.sampleRate) / Float(size)

  /// The bins that hold most of speech.
  static let speechBins = bin(250)..<bin(4_500)

  /// The bin nearest to `frequency` in Hz.
  static func bin(_ frequency: Float) -> Int { min(binCount - 1, Int((frequency / binWidth).rounded())) }

  static func analysisWindow(_ index: Int) -> Float {
    let long = Double(size - hop)
    let position = Double(index) + 0.5
    let value = position < long ? sin(.pi / 2 * position / long) : cos(.pi / 2 * (position - long) / Double(hop))
    return Float(value)
  }

  static func synthesisWindow(_ index: Int) -> Float {
    let start = Double(size - 2 * hop)
    let position = Double(index) + 0.5
    guard position > start else { return 0 }
    let root = sin(.pi * (position - start) / Double(2 * hop))
    return Float(root * root / Double(analysisWindow(index)))
  }
}

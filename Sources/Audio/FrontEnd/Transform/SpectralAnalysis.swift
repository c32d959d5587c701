/// Turns blocks of eight signals into short-time spectra.
final class SpectralAnalysis {
  private let transform: FourierTransform
  private let window: Buffer<Float>
  private let recent: Buffer<Lanes>
  private let windowed: Buffer<Lanes>
  /// The spectrum of the newest frame.
  let spectrum: Buffer<ComplexLanes>

  init() {
    transform = FourierTransform(size: SpectralFrame.size)
    window = Buffer(0, count: SpectralFrame.size)
    for index in 0..<SpectralFrame.size { window[index] = SpectralFrame.analysisWindow(index) }
    recent = Buffer(.zero, count: SpectralFrame.size)
    windowed = Buffer(.zero, count: SpectralFrame.size)
    spectrum = Buffer(.zero, count: SpectralFrame.binCount)
  }

  /// Appends a block and computes the spectrum of the last 30 ms.
  func process(_ block: UnsafePointer<Lanes>) {
    let kept = SpectralFrame.size - SpectralFrame.hop
    recent.start.update(from: recent.start + SpectralFrame.hop, count: kept)
    (recent.start + kept).update(from: block, count: SpectralFrame.hop)
    for index in 0..<SpectralFrame.size { windowed[index] = recent[index] * window[index] }
    transform.forward(windowed.start, into: spectrum.start)
  }
}

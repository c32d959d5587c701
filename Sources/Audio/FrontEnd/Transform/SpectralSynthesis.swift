/// Turns short-time spectra back into blocks of eight signals.
final class SpectralSynthesis {
  private let transform: FourierTransform
  private let window: Buffer<Float>
  private let frame: Buffer<Lanes>
  private let overlap: Buffer<Lanes>

  init() {
    transform = FourierTransform(size: SpectralFrame.size)
    window = Buffer(0, count: SpectralFrame.size)
    for index in 0..<SpectralFrame.size { window[index] = SpectralFrame.synthesisWindow(index) }
    frame = Buffer(.zero, count: SpectralFrame.size)
    overlap = Buffer(.zero, count: SpectralFrame.hop)
  }

  /// The block that this spectrum completes.
  func process(_ spectrum: UnsafePointer<ComplexLanes>, into block: UnsafeMutablePointer<Lanes>) {
    transform.inverse(spectrum, into: frame.start)
    let first = SpectralFrame.size - 2 * SpectralFrame.hop
    let second = first + SpectralFrame.hop
    for index in 0..<SpectralFrame.hop {
      block[index] = overlap[index] + frame[first + index] * window[first + index]
      overlap[index] = frame[second + index] * window[second + index]
    }
  }
}

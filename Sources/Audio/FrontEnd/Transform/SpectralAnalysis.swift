/// Turns blocks of groups of eight signals into short-time spectra.
final class SpectralAnalysis {
  private let transform: FourierTransform
  private let window: Buffer<Float>
  private let recent: GroupedBuffer<Lanes>
  private let windowed: Buffer<Lanes>
  /// The spectra of the newest frame.
  let spectra: GroupedBuffer<ComplexLanes>

  init(groupCount: Int = 1) {
    transform = FourierTransform(size: SpectralFrame.size)
    window = Buffer(0, count: SpectralFrame.size)
    for index in 0..<SpectralFrame.size { window[index] = SpectralFrame.analysisWindow(index) }
    recent = GroupedBuffer(.zero, groupCount: groupCount, count: SpectralFrame.size)
    windowed = Buffer(.zero, count: SpectralFrame.size)
    spectra = GroupedBuffer(.zero, groupCount: groupCount, count: SpectralFrame.binCount)
  }

  /// Appends a block of each group and computes the spectra of the last 30 ms.
  func process(_ blocks: GroupedBuffer<Lanes>) {
    let kept = SpectralFrame.size - SpectralFrame.hop
    for group in 0..<recent.groupCount {
      let recent = recent[group]
      recent.update(from: recent + SpectralFrame.hop, count: kept)
      (recent + kept).update(from: blocks[group], count: SpectralFrame.hop)
      for index in 0..<SpectralFrame.size { windowed[index] = recent[index] * window[index] }
      transform.forward(windowed.start, into: spectra[group])
    }
  }
}

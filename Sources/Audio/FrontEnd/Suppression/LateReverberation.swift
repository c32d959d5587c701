#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How much of each frame is the late reverberation of earlier ones, by the room's exponential decay (Lebart, Boucher and
/// Denbigh 2001; Habets 2007): the power of 50 ms ago, as much fainter as the room lets it become in that time.
final class LateReverberation {
  /// Frames after which a reflection blurs speech rather than supporting it.
  private static let delay = 5

  /// How much of the power 50 ms ago belongs to the decay: the direct sound does not.
  private static let diffuseShare: Float = 0.5

  private let smoothed: Buffer<Float>
  private let past: Buffer<Float>
  /// By what factor power falls from frame to frame, and within the delay.
  private let decays: Buffer<Float>
  private let delayedDecays: Buffer<Float>
  private var position = 0
  /// The late reverberation's power per bin.
  let power: Buffer<Float>

  /// For a room in which sound falls by 60 dB in `reverberationTime` seconds at middle frequencies.
  init(reverberationTime: Float = 0.5) {
    let bins = SpectralFrame.binCount
    smoothed = Buffer(0, count: bins)
    past = Buffer(0, count: bins * Self.delay)
    decays = Buffer(0, count: bins)
    delayedDecays = Buffer(0, count: bins)
    power = Buffer(0, count: bins)
    for bin in 0..<bins {
      // Furnished rooms are duller on top.
      let frequency = Float(bin) * SpectralFrame.binWidth
      let share = frequency < 2_000 ? 1 : max(0.5, 1 - (frequency - 2_000) / 12_000)
      let frameTime = Float(SpectralFrame.hop) / Float(AudioBlock.sampleRate)
      decays[bin] = powf(10, -6 * frameTime / (reverberationTime * share))
      delayedDecays[bin] = Self.diffuseShare * powf(decays[bin], Float(Self.delay))
    }
  }

  /// Takes the next frame's power without what is noise or echo.
  func process(_ observed: UnsafePointer<Float>) {
    let row = past.start + position * SpectralFrame.binCount
    position = (position + 1) % Self.delay
    for bin in 0..<SpectralFrame.binCount {
      power[bin] = row[bin] * delayedDecays[bin]
      smoothed[bin] = max(decays[bin] * smoothed[bin], 0.5 * (smoothed[bin] + observed[bin]))
      row[bin] = smoothed[bin]
    }
  }
}

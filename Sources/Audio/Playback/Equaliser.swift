/// A chain of biquads over one channel. Allocates only when made; belongs to one thread at a time.
public final class Equaliser {
  /// The most bands that an equaliser may have.
  public static let maximumBandCount = 16

  private struct Section {
    let filter: Biquad
    var s1: Float = 0
    var s2: Float = 0
  }

  private let sections: UnsafeMutablePointer<Section>
  private let count: Int

  /// An equaliser of `bands`, in their order; those beyond `maximumBandCount` are left out.
  public init(_ bands: [EqualiserBand]) {
    count = min(bands.count, Self.maximumBandCount)
    sections = .allocate(capacity: max(count, 1))
    for index in 0..<count { (sections + index).initialize(to: Section(filter: Biquad(bands[index]))) }
  }

  deinit { sections.deallocate() }

  /// Filters `samples` in place, without delay.
  public func process(_ samples: UnsafeMutableBufferPointer<Float>) {
    for index in 0..<count { process(samples, with: sections + index) }
  }

  // The transposed direct form II, which rounds least.
  private func process(_ samples: UnsafeMutableBufferPointer<Float>, with section: UnsafeMutablePointer<Section>) {
    let filter = section.pointee.filter
    var (s1, s2) = (section.pointee.s1, section.pointee.s2)
    for index in samples.indices {
      let input = samples[index]
      let output = filter.b0 * input + s1
      s1 = filter.b1 * input - filter.a1 * output + s2
      s2 = filter.b2 * input - filter.a2 * output
      samples[index] = output
    }
    // What isn't a number would stay for ever; what decays towards nothing would become slow, denormal numbers.
    let isSound = s1.isFinite && s2.isFinite && abs(s1) + abs(s2) > 1e-15
    section.pointee.s1 = isSound ? s1 : 0
    section.pointee.s2 = isSound ? s2 : 0
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The last second and a half of what the loudspeakers were sent, readable at any, also fractional, delay: the playback
/// clock's samples come out on the microphones' clock.
final class ReferenceLine {
  /// Taps of the interpolating windowed sinc; images of the fraction stay below -80 dB up to 20 kHz.
  private static let tapCount = 32
  private static let phaseCount = 256
  private static let capacity = 1 << 16

  /// The least delay that can be read: half the interpolation filter must be there already.
  static let minimumDelay = Double(tapCount / 2)
  /// The greatest delay that can be read, in samples.
  static let maximumDelay = 48_000.0

  /// The samples of one or two channels; nil: one that is silent.
  typealias Block = (UnsafePointer<Float>?, UnsafePointer<Float>?)

  private let channelCount: Int
  private let rings: Buffer<Float>
  private let filters: Buffer<Float>
  private var written = 0

  init(channelCount: Int) {
    self.channelCount = channelCount
    rings = Buffer(0, count: channelCount * Self.capacity)
    filters = Buffer(0, count: (Self.phaseCount + 1) * Self.tapCount)
    for phase in 0...Self.phaseCount {
      let fraction = Double(phase) / Double(Self.phaseCount)
      for tap in 0..<Self.tapCount {
        let distance = Double(tap - Self.tapCount / 2 + 1) - fraction
        let window = cos(.pi * distance / Double(Self.tapCount + 2))
        let sinc = abs(distance) < 1e-9 ? 1 : sin(.pi * distance) / (.pi * distance)
        filters[phase * Self.tapCount + tap] = Float(sinc * window * window)
      }
    }
  }

  /// Appends `count` samples of each channel.
  func append(_ block: Block, count: Int) {
    append(block.0, to: rings.start, count)
    if channelCount > 1 { append(block.1, to: rings.start + Self.capacity, count) }
    written += count
  }

  private func append(_ source: UnsafePointer<Float>?, to ring: UnsafeMutablePointer<Float>, _ count: Int) {
    for sample in 0..<count {
      let value = source.map { $0[sample] } ?? 0
      ring[(written + sample) & (Self.capacity - 1)] = value.isFinite ? min(max(value, -4), 4) : 0
    }
  }

  /// Copies `count` samples of `channel` into lane `lane` of `target`. The last of them was played `delay` samples before
  /// the newest; the delay has grown by `slope` with each sample.
  func read(
    channel: Int, delay: Double, slope: Double, count: Int, into target: UnsafeMutablePointer<Lanes>, lane: Int
  ) {
    let ring = rings.start + channel * Self.capacity
    let mask = Self.capacity - 1
    let end = Double(written) - min(max(delay, Self.minimumDelay), Self.maximumDelay)
    for sample in 0..<count {
      let position = end - Double(count - sample) * (1 - slope)
      let whole = position.rounded(.down)
      let scaled = Float((position - whole) * Double(Self.phaseCount))
      // A fraction that lies just below one rounds up to one.
      let phase = min(Int(scaled), Self.phaseCount - 1)
      let blend = scaled - Float(phase)
      let low = filters.start + phase * Self.tapCount
      let high = low + Self.tapCount
      let first = Int(whole) - Self.tapCount / 2 + 1
      var sum: Float = 0
      for tap in 0..<Self.tapCount {
        sum += (low[tap] + blend * (high[tap] - low[tap])) * ring[(first + tap) & mask]
      }
      target[sample][lane] = sum
    }
  }
}

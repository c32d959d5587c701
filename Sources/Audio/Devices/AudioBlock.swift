import Realtime

/// Ten milliseconds of sound: `channelCount` channels of 480 samples each at 48 kHz, planar, nominally within ±1.
///
/// All sound inside Salle moves in such blocks. A block is made once and filled again and again; it belongs to one thread
/// at a time.
public final class AudioBlock {
  /// Samples per second and channel.
  public static let sampleRate = 48_000
  /// Samples per channel in a block.
  public static let sampleCount = 480
  /// How long a block lasts.
  public static let duration = Duration.milliseconds(10)

  /// Number of channels.
  public let channelCount: Int

  /// When the block's first sample passed the converter. For captured sound: the instant it was in the air at the
  /// microphone, as well as the device knows. For sound to be played: the instant it is due on the capture device's
  /// clock, the end of the block captured last; it is heard some time later, which the loudspeaker keeps constant.
  public var timestamp = Instant(nanoseconds: 0)

  private let samples: UnsafeMutablePointer<Float>

  /// A silent block of `channelCount` channels (at least 1).
  public init(channelCount: Int) {
    precondition(channelCount > 0, "a block has at least one channel")
    self.channelCount = channelCount
    samples = .allocate(capacity: channelCount * Self.sampleCount)
    samples.initialize(repeating: 0, count: channelCount * Self.sampleCount)
  }

  deinit { samples.deallocate() }

  /// The 480 samples of channel `index`, `0 ..< channelCount`.
  public func channel(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    precondition(index >= 0 && index < channelCount, "no such channel")
    return UnsafeMutableBufferPointer(start: samples + index * Self.sampleCount, count: Self.sampleCount)
  }

  /// Sets every sample to zero.
  public func silence() {
    samples.update(repeating: 0, count: channelCount * Self.sampleCount)
  }
}

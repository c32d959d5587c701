/// Adds up any number of mono streams, 480 samples at a time, without ever clipping.
public final class AudioMixer {
  private let sum: UnsafeMutableBufferPointer<Float>
  private let limiter = LookAheadLimiter()

  /// A mixer at rest.
  public init() {
    sum = .allocate(capacity: AudioBlock.sampleCount)
    sum.initialize(repeating: 0)
  }

  deinit { sum.deallocate() }

  /// Delay in samples between what is added and what comes out.
  public static let latency = LookAheadLimiter.latency

  /// The least volume that the block last finished needed; 1 when it fitted.
  public var leastGain: Float { limiter.leastGain }

  /// Adds a stream's 480 samples at its volume.
  public func add(_ samples: UnsafeMutableBufferPointer<Float>, gain: inout GainRamp) {
    gain.add(samples, to: sum)
  }

  /// Writes the mix to `output` (480 samples) and starts the next block.
  public func finish(into output: UnsafeMutableBufferPointer<Float>) {
    limiter.process(sum)
    for index in 0..<min(output.count, sum.count) { output[index] = sum[index] }
    sum.update(repeating: 0)
  }
}

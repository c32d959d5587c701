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
  public private(set) var leastGain: Float = 1

  /// Adds a stream's 480 samples at its volume.
  public func add(_ samples: UnsafeMutableBufferPointer<Float>, gain: inout GainRamp) {
    gain.add(samples, to: sum)
  }

  /// Writes the mix to `output` (480 samples) and starts the next block.
  public func finish(into output: UnsafeMutableBufferPointer<Float>) {
    finish(through: nil, into: output)
  }

  /// As `finish(into:)`; a loudspeaker's own limiter takes the place of the mixer's, so that one delay is enough.
  func finish(through processor: LoudspeakerProcessor?, into output: UnsafeMutableBufferPointer<Float>) {
    if let processor {
      processor.process(sum)
      leastGain = processor.leastGain
    } else {
      limiter.process(sum)
      leastGain = limiter.leastGain
    }
    for index in 0..<min(output.count, sum.count) { output[index] = sum[index] }
    sum.update(repeating: 0)
  }
}

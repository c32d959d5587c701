import Realtime

/// Decides how fast sound has to be played so that what is captured and what is played keep one distance in time,
/// although their devices have two clocks.
///
/// The sound to be played is counted by the capture device's clock, the source; the loudspeaker's is the sink. The rate is
/// the ratio of both, which the estimators know, moved a little as long as the distance isn't the one wished. Reads no
/// clock and allocates nothing.
public struct PlaybackSteering: Sendable {
  /// What a step decided.
  public struct Decision: Sendable, Equatable {
    /// Distance of two of the device's samples, in samples of the source.
    public var step: Double
    /// Seconds from the instant a sample is due on the source's clock until it is heard.
    public var delay: Double
    /// Whether the delay is so far off that moving the rate wouldn't do: sound should be left out or silence inserted.
    public var isLost: Bool
  }

  /// By how much of the delay's deviation the rate is moved, 1/s.
  private static let gain = 0.05
  /// Most that the rate is moved by: nobody hears it.
  private static let limit = 300e-6
  /// Deviation that is too much to be made good by the rate: it would take half a minute.
  private static let tolerance = 0.008

  /// The source's clock: the capture device's.
  public private(set) var source: SampleClockEstimator
  /// The loudspeaker's clock.
  public private(set) var sink: SampleClockEstimator
  /// The delay that is kept, in seconds.
  public var target: Double

  /// A steering that keeps `target` seconds between a source of `sourceRate` and a sink of `sinkRate` samples per second.
  public init(sourceRate: Int, sinkRate: Int, target: Double) {
    // The capture device's instants are smoothed already: one that jumps is another device's.
    source = SampleClockEstimator(sampleRate: sourceRate, tolerance: 0.003)
    sink = SampleClockEstimator(sampleRate: sinkRate)
    self.target = target
  }

  /// Takes the observation that the source's sample `position` was due at `instant`.
  public mutating func observeSource(position: Int64, at instant: Instant) {
    source.observe(position: position, at: instant)
  }

  /// Takes the observation that the sink's sample `position` was heard at `instant`.
  public mutating func observeSink(position: Int64, at instant: Instant) {
    sink.observe(position: position, at: instant)
  }

  /// The sink was stopped and counts from another sample.
  public mutating func restartSink() { sink.restart() }

  /// The source was exchanged or stopped.
  public mutating func restartSource() { source.restart() }

  /// Decides for the sound from source sample `next` on, which will be the sink's sample `written`.
  public func decide(next: Double, written: Int64) -> Decision {
    let nominal = Double(source.sampleRate) / Double(sink.sampleRate)
    guard source.observationCount > 0, sink.observationCount > 0 else {
      return Decision(step: nominal, delay: target, isLost: false)
    }
    let delay = (sink.time(of: Double(written)) - source.time(of: next)).seconds
    let deviation = delay - target
    // Too late: the sink's queue must become shorter, so the source is walked through in longer steps.
    let correction = min(max(Self.gain * deviation, -Self.limit), Self.limit)
    return Decision(
      step: sink.secondsPerSample / source.secondsPerSample * (1 + correction), delay: delay,
      isLost: abs(deviation) > Self.tolerance)
  }
}

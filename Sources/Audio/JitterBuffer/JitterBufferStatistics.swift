/// What a jitter buffer has done since it was made; counts in samples at 48 kHz unless they say packets. The names are
/// those of the W3C's WebRTC statistics where it has one.
public struct JitterBufferStatistics: Equatable, Sendable, BitwiseCopyable {
  /// Samples given out.
  public var totalSamples = 0
  /// Samples made up because their packet was lost or late, silent ones included.
  public var concealedSamples = 0
  /// The part of `concealedSamples` that was silence or background noise.
  public var silentConcealedSamples = 0
  /// Runs of concealed samples.
  public var concealmentEvents = 0
  /// Samples left out to shorten the delay.
  public var removedSamplesForAcceleration = 0
  /// Samples added to lengthen the delay.
  public var insertedSamplesForDeceleration = 0
  /// Lost packets restored from the in-band copy in the packet after.
  public var forwardErrorCorrectionPackets = 0
  /// Lost packets restored from redundant encodings (RFC 2198).
  public var redundantPackets = 0
  /// Packets taken in.
  public var packetsReceived = 0
  /// Packets that came after their time had passed.
  public var packetsDiscardedLate = 0
  /// Packets that came twice.
  public var packetsDuplicated = 0
  /// Packets dropped because too many waited.
  public var packetsDiscardedOverflow = 0
  /// Packets that aren't Opus or failed to decode.
  public var packetsInvalid = 0
  /// Times the stream was taken up anew after its timestamps jumped.
  public var resynchronizations = 0
  /// How much later than the network's quickest packets sound is played.
  public var currentDelay = 0
  /// Where `currentDelay` is being steered.
  public var targetDelay = 0
  /// Interarrival jitter (RFC 3550 section 6.4.1).
  public var jitter = 0

  /// All zero.
  public init() {}
}

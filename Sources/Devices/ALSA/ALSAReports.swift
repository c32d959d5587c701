/// What an ALSA microphone has done since it was opened.
public struct ALSACaptureReport: Equatable, Sendable, BitwiseCopyable {
  /// The device's nominal samples per second.
  public var sampleRate = 0
  /// Channels.
  public var channelCount = 0
  /// Blocks of 10 ms delivered.
  public var blocks = 0
  /// By how many millionths the device's clock runs faster than the machine's.
  public var partsPerMillion = 0.0
  /// From the instant a block's last sample was in the air until the block was delivered, in nanoseconds.
  public var delayNanoseconds = 0
  /// Times sound was lost because the audio thread came late or the driver stopped the device.
  public var overruns = 0
  /// The device's frames lost by late threads.
  public var framesLost = 0
  /// Times the device had been put to sleep by the system.
  public var suspensions = 0
  /// Blocks after which the next was waiting already: the audio thread took longer than 10 ms.
  public var deadlineMisses = 0
  /// 1 once the device is gone.
  public var isLost = 0

  /// Nothing done.
  public init() {}
}

/// What an ALSA loudspeaker has done since it was opened.
public struct ALSAPlaybackReport: Equatable, Sendable, BitwiseCopyable {
  /// The device's nominal samples per second.
  public var sampleRate = 0
  /// Channels.
  public var channelCount = 0
  /// Blocks of 10 ms taken.
  public var blocks = 0
  /// By how many millionths the device's clock runs faster than the machine's.
  public var partsPerMillion = 0.0
  /// By how many millionths the device's clock runs faster than that of the capture device.
  public var relativePartsPerMillion = 0.0
  /// From the instant a sample is due, which is the end of the block captured last, until it is heard, in nanoseconds: by
  /// so much is the echo of a block later than the block captured before it was written.
  public var delayNanoseconds = 0
  /// The delay that is aimed at.
  public var targetNanoseconds = 0
  /// Frames that were still to be played when the last block came.
  public var fill = 0
  /// The least and the most of `fill` in the last ten seconds.
  public var leastFill = 0
  /// See `leastFill`.
  public var mostFill = 0
  /// Times the device ran dry, or was stopped by its driver.
  public var underruns = 0
  /// Times the system had put the device to sleep.
  public var suspensions = 0
  /// Times silence was inserted or sound left out to restore the delay, underruns' apart.
  public var corrections = 0
  /// 1 once the device is gone.
  public var isLost = 0

  /// Nothing done.
  public init() {}
}

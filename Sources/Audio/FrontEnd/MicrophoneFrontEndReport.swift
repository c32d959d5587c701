/// What the front end knows about the room at a moment, for diagnostics and the state tree.
public struct MicrophoneFrontEndReport: Sendable, Equatable {
  /// How sure it is that somebody in the room speaks, 0 to 1.
  public var nearEndPresence: Float
  /// The talker's azimuth in degrees, in the array's frame; nil before anybody spoke.
  public var talkerAzimuth: Float?
  /// How many milliseconds the loudspeaker's sound takes to come back; nil until it is known.
  public var echoDelayMilliseconds: Double?
  /// By how many parts per million the playback clock is slower than the capture clock.
  public var driftPPM: Double
  /// How much of the echo the linear canceller removes, in decibels; 0 while there is none.
  public var echoReturnLossEnhancement: Float
  /// The automatic gain in decibels.
  public var gain: Float
}

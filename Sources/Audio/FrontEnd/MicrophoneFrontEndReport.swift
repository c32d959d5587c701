/// What the front end knows about the room at a moment, for diagnostics and the state tree.
public struct MicrophoneFrontEndReport: Sendable, Equatable {
  /// How sure it is that somebody in the room speaks, 0 to 1.
  public var nearEndPresence: Float
  /// The talker's azimuth in degrees, in the array's frame; nil before anybody spoke.
  public var talkerAzimuth: Float?
  /// Microphones that are lost or stuck, and aren't used; with any, the front end works with a single other one.
  public var faultyMicrophones: [Int]
  /// Microphones that were overloaded within the last second or so: the talker or the loudspeaker is too loud for them.
  public var overloadedMicrophones: [Int]
  /// Whether nothing has been played for as long as the canceller looks back.
  public var isReferenceSilent: Bool
  /// In how many seconds sound falls by 60 dB in the room, by the echo path's decay; nil until that is known.
  public var reverberationTime: Float?
  /// How many milliseconds the loudspeaker's sound takes to come back; nil until it is known.
  public var echoDelayMilliseconds: Double?
  /// By how many parts per million the playback clock is slower than the capture clock.
  public var driftPPM: Double
  /// How much of the echo the linear canceller removes, in decibels; 0 while there is none.
  public var echoReturnLossEnhancement: Float
  /// The automatic gain in decibels.
  public var gain: Float
}

/// What the front end knows about the room at a moment, for diagnostics and the state tree. It consists of whole machine
/// words, so that the audio thread can show it to others without locks.
public struct MicrophoneFrontEndReport: Sendable, Hashable, BitwiseCopyable {
  /// How sure it is that somebody in the room speaks, 0 to 1.
  public var nearEndPresence = 0.0
  /// The talker's azimuth in degrees, in the array's frame; nil before anybody spoke, or where the array's geometry isn't
  /// known.
  public var talkerAzimuth: Double? {
    get { Self.known(azimuth) }
    set { azimuth = newValue ?? Self.unknown }
  }
  /// Microphones that are lost or stuck, and aren't used; with any, the front end works with a single other one.
  public var faultyMicrophones: [Int] { Self.indices(faultyMask) }
  /// Microphones that were overloaded within the last second or so: the talker or the loudspeaker is too loud for them.
  public var overloadedMicrophones: [Int] { Self.indices(overloadedMask) }
  /// Whether nothing has been played for as long as the canceller looks back.
  public var isReferenceSilent: Bool {
    get { silentReference != 0 }
    set { silentReference = newValue ? 1 : 0 }
  }
  /// In how many seconds sound falls by 60 dB in the room, by the echo path's decay; nil until that is known.
  public var reverberationTime: Double? {
    get { Self.known(reverberation) }
    set { reverberation = newValue ?? Self.unknown }
  }
  /// How many milliseconds the loudspeaker's sound takes to come back; nil until it is known.
  public var echoDelayMilliseconds: Double? {
    get { Self.known(echoDelay) }
    set { echoDelay = newValue ?? Self.unknown }
  }
  /// By how many parts per million the playback clock is slower than the capture clock.
  public var driftPPM = 0.0
  /// How much of the echo the linear canceller removes, in decibels; 0 while there is none.
  public var echoReturnLossEnhancement = 0.0
  /// How far below the echo, in decibels, that part of it lies which no linear path explains while the loudspeaker is
  /// loud: what it distorts, or rattles. Nil until it has been loud for a while with nobody speaking in the room.
  public var nonLinearity: Double? {
    get { Self.known(distortion) }
    set { distortion = newValue ?? Self.unknown }
  }
  /// The frequency in Hz of a howl that is turned down: what the room sends is heard in it again, by a loudspeaker that
  /// isn't its own. Nil while there is none.
  public var howlFrequency: Double? {
    get { Self.known(howl) }
    set { howl = newValue ?? Self.unknown }
  }
  /// The automatic gain in decibels.
  public var gain = 0.0
  /// Level of what the microphones hear, on average over them, in dBFS (0: a full-scale square wave), with the inertia of
  /// a meter.
  public var captureLevel = Self.silence
  /// Level of what is sent, as `captureLevel`.
  public var outputLevel = Self.silence
  /// The microphones that are lost or stuck, a bit each.
  public var faultyMask: UInt = 0
  /// The microphones that were overloaded, a bit each.
  public var overloadedMask: UInt = 0

  /// What levels are where there is no sound.
  public static let silence = -120.0
  /// Stands for what isn't known; optional values wouldn't be whole words.
  private static let unknown = -Double.infinity

  private var azimuth = Self.unknown
  private var silentReference = 1
  private var reverberation = Self.unknown
  private var echoDelay = Self.unknown
  private var distortion = Self.unknown
  private var howl = Self.unknown

  /// Nothing is known.
  public init() {}

  private static func known(_ value: Double) -> Double? { value == unknown ? nil : value }

  private static func indices(_ mask: UInt) -> [Int] {
    (0..<MicrophoneArray.maximumCount).filter { mask >> $0 & 1 == 1 }
  }
}

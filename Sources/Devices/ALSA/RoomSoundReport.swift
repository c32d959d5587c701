import Realtime

/// What became of the wish for a microphone or a loudspeaker.
public enum SoundDeviceState: Equatable, Sendable {
  /// None is wished.
  case unwanted
  /// None of what is there is wished: it is unplugged, perhaps.
  case absent
  /// It runs.
  case open(SoundDevice)
  /// It is there, but can't be opened, because of this error. It is tried again.
  case failed(SoundDevice, ALSAError)
}

/// What a `RoomSound` knows of the room's sound.
public struct RoomSoundReport: Equatable, Sendable {
  /// One side of it.
  public struct Side<Device: Equatable & Sendable>: Equatable, Sendable {
    /// Whether it runs.
    public var state = SoundDeviceState.unwanted
    /// Times a device was opened.
    public var openings = 0
    /// Times a running device was lost.
    public var losses = 0
    /// How long the last loss lasted: from when it was noticed until a device ran again.
    public var lastOutage: Duration?
    /// What the running device, or the one that ran last, has done.
    public var device: Device?
    /// Name of the hardware's control of the level; nil where there's none and the level is set digitally.
    public var mixerElement: String?
    /// Of a microphone: what is known of it as an array; its microphones are the channels of the blocks.
    public var array: ArrayDescription?
  }

  /// The microphone or array.
  public var capture = Side<ALSACaptureReport>()
  /// The loudspeaker.
  public var playback = Side<ALSAPlaybackReport>()

  /// How much later than a block's being written its echo is captured, without the way through the air: the delay that the
  /// echo canceller sees. Nil unless both sides run.
  public var echoDelay: Duration? {
    guard case .open = capture.state, case .open = playback.state, let playback = playback.device else { return nil }
    return .nanoseconds(Int64(playback.delayNanoseconds))
  }
}

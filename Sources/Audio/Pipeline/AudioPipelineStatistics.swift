/// What an audio pipeline has done since it was made.
public struct AudioPipelineStatistics: Hashable, Sendable, BitwiseCopyable {
  /// Blocks of 10 ms gone through.
  public var blocks = 0
  /// Opus packets made for sending, those of left-out silence not counted.
  public var packetsEncoded = 0
  /// Packets lost because nobody took them out of `outgoing`.
  public var packetsDropped = 0
  /// Times captured sound was lost because the thread came late.
  public var captureOverruns = 0
  /// Times silence was heard because the thread came late.
  public var playbackUnderruns = 0
  /// 1 while there is a microphone, 0 once it has vanished.
  public var hasCapture = 1
  /// 1 while there is a loudspeaker, 0 once it has vanished or if there never was one.
  public var hasPlayback = 0
  /// Level of the last packet's sound as captured, in -dBov: 0 loudest, 127 silence.
  public var captureLevel = 127
  /// Blocks whose mix was louder than full scale and was turned down.
  public var blocksLimited = 0
  /// Streams being played.
  public var streams = 0
  /// 1 while the microphones' sound goes through the front end.
  public var hasFrontEnd = 0
  /// What the front end knows; without one, nothing.
  public var frontEnd = MicrophoneFrontEndReport()
  /// 1 while somebody in the room speaks although the microphone is muted.
  public var speaksWhileMuted = 0

  /// Nothing done.
  public init() {}
}

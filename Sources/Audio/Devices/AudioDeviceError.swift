/// What a sound device can report instead of doing its work.
public enum AudioDeviceError: Error, Equatable, Sendable {
  /// The device is gone (unplugged, driver failed). The caller drops it and goes on with another or with silence.
  case vanished
  /// Sound was lost (capture overrun) or silence was heard (playback underrun), because the audio thread came late. The
  /// device has recovered by itself; the caller calls again at once. `sampleCount` is the loss per channel, 0 when
  /// unknown.
  case xrun(sampleCount: Int)
}

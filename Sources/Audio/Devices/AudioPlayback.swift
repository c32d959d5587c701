import Realtime

/// A loudspeaker, or something that behaves in time as one does. Confined to the audio thread, as `AudioCapture`.
public protocol AudioPlayback: AnyObject, Sendable {
  /// Channels in every block; constant.
  var channelCount: Int { get }

  /// Queues `block` (of `channelCount` channels) behind what the device still has to play.
  ///
  /// It allocates nothing and does not wait: the capture device paces the thread.
  /// - Returns: when the block's first sample will be heard, as well as the device knows.
  func write(_ block: AudioBlock) throws(AudioDeviceError) -> Instant
}

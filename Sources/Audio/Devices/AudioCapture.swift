/// A microphone, or something that behaves in time as one does.
///
/// Confined to the audio thread from the first `read`. `Sendable`, because it is made and opened elsewhere and handed
/// over; an implementation with state is `@unchecked Sendable` for that reason.
public protocol AudioCapture: AnyObject, Sendable {
  /// Channels in every block; constant.
  var channelCount: Int { get }

  /// Waits until the next 10 ms have been captured, and fills `block` (of `channelCount` channels) and its timestamp.
  ///
  /// This wait is what paces the audio thread. It allocates nothing, and never lasts much longer than a period: a device
  /// from which nothing comes any more throws `vanished` within 200 ms.
  func read(into block: AudioBlock) throws(AudioDeviceError)
}

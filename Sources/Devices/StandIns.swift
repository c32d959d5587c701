import Audio
import Realtime
import Video

/// The devices that stand in for real ones, by the words that a command line names them with.
public enum StandIns {
  /// A camera: `synthetic`, `none`, or the path of a Y4M, MJPEG or IVF file, which repeats.
  /// - Throws: when the file can't be read as one of these.
  public static func camera(_ name: String, epoch: Instant) throws(MediaFileError) -> (any CameraSource)? {
    switch name {
    case "none": return nil
    case "synthetic": return SyntheticCamera(epoch: epoch)
    default: return try FileCamera(path: name)
    }
  }

  /// A microphone: `synthetic` (speech-like, with the beep that belongs to the synthetic camera's flash), `none`,
  /// `tone:HERTZ`, or the path of a WAV file, which repeats.
  /// - Throws: when the file can't be read.
  public static func microphone(_ name: String, epoch: Instant) throws(MediaFileError) -> (any AudioCapture)? {
    switch name {
    case "none": return nil
    case "synthetic": return SyntheticMicrophone(.speechAndBeep(voice: 1), epoch: epoch)
    default:
      if name.hasPrefix("tone:"), let frequency = Double(name.dropFirst(5)), (20...20_000).contains(frequency) {
        return SyntheticMicrophone(.tone(frequency: frequency, level: -20), epoch: epoch)
      }
      return try FileMicrophone(path: name)
    }
  }

  /// A loudspeaker: `none`, which keeps time and discards, or the path of a WAV file to write.
  /// - Throws: when the file can't be written.
  public static func loudspeaker(_ name: String) throws(MediaFileError) -> FileLoudspeaker {
    try FileLoudspeaker(path: name == "none" ? nil : name)
  }
}

/// A kind of device that the room has.
public enum DeviceClass: String, CaseIterable, Hashable, Sendable {
  /// Cameras and capture devices (Video4Linux).
  case video
  /// Sound cards (ALSA).
  case sound
  /// Graphics cards and the screens at them (DRM).
  case display
  /// Adapters for HDMI-CEC.
  case cec

  /// The class of what the kernel calls a subsystem; nil for what the room has no use for.
  public init?(subsystem: String) {
    switch subsystem {
    case "video4linux", "media": self = .video
    case "sound": self = .sound
    case "drm": self = .display
    case "cec": self = .cec
    default: return nil
    }
  }
}

import CV4L

/// A setting of a camera, as it is and what it may be.
public struct CameraControl: Hashable, Sendable {
  /// Which setting.
  public enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
    /// How lamps flicker: 0 off, 1 for 50 Hz, 2 for 60 Hz, 3 automatic.
    case powerLineFrequency
    /// 0 automatic, 1 manual, 2 shutter first, 3 aperture first (usually the automatic one of USB cameras).
    case exposureMode
    /// Exposure time in units of 100 µs.
    case exposureTime
    /// Whether the rate may drop for a longer exposure in the dark: 0 or 1.
    case exposureMayLowerRate
    /// Exposure compensation; a menu or steps by camera.
    case exposureBias
    /// 0 or 1.
    case automaticWhiteBalance
    /// Kelvin.
    case whiteBalanceTemperature
    /// 0 or 1.
    case automaticFocus
    /// Distance, larger is nearer; unit by camera.
    case focus
    /// 0 or 1.
    case automaticGain
    /// Unit by camera.
    case gain
    /// Unit by camera.
    case brightness
    /// Unit by camera.
    case contrast
    /// Unit by camera.
    case saturation
    /// Unit by camera.
    case sharpness
    /// Unit by camera.
    case backlightCompensation
    /// Angle in arc seconds (1/3600°), to the right of the middle.
    case pan
    /// Angle in arc seconds, above the middle.
    case tilt
    /// Focal length; unit by camera.
    case zoom
    /// Turns by so many arc seconds. Can only be written.
    case panBy
    /// Turns by so many arc seconds. Can only be written.
    case tiltBy
    /// Changes the focal length by so much. Can only be written.
    case zoomBy
    /// Turns to the right (above 0) at this speed until set to 0; unit by camera.
    case panSpeed
    /// Turns upwards (above 0) at this speed until set to 0; unit by camera.
    case tiltSpeed
    /// Zooms in (above 0) at this speed until set to 0; unit by camera.
    case zoomSpeed
    /// Whether the privacy shutter is closed: 0 or 1. Most cameras only tell it.
    case privacy

    /// The kernel's identifier (`V4L2_CID_…`).
    var identifier: UInt32 {
      let (user, camera) = (UInt32(0x0098_0900), UInt32(0x009A_0900))
      return switch self {
      case .brightness: user
      case .contrast: user + 1
      case .saturation: user + 2
      case .automaticWhiteBalance: user + 12
      case .automaticGain: user + 18
      case .gain: user + 19
      case .powerLineFrequency: user + 24
      case .whiteBalanceTemperature: user + 26
      case .sharpness: user + 27
      case .backlightCompensation: user + 28
      case .exposureMode: camera + 1
      case .exposureTime: camera + 2
      case .exposureMayLowerRate: camera + 3
      case .panBy: camera + 4
      case .tiltBy: camera + 5
      case .pan: camera + 8
      case .tilt: camera + 9
      case .focus: camera + 10
      case .automaticFocus: camera + 12
      case .zoom: camera + 13
      case .zoomBy: camera + 14
      case .zoomSpeed: camera + 15
      case .privacy: camera + 16
      case .exposureBias: camera + 19
      case .panSpeed: camera + 32
      case .tiltSpeed: camera + 33
      }
    }

    /// Whether a preset keeps it: what describes a view, not the light of the day nor a movement.
    var isKeptByPreset: Bool {
      switch self {
      case .pan, .tilt, .zoom, .automaticFocus, .focus: true
      default: false
      }
    }
  }

  /// What values it takes.
  public enum Values: Hashable, Sendable {
    /// From `minimum` to `maximum` in steps.
    case range(minimum: Int32, maximum: Int32, step: Int32)
    /// 0 or 1.
    case switching
    /// One of these.
    case menu([MenuItem])
  }

  /// A choice of a menu.
  public struct MenuItem: Hashable, Sendable {
    /// The value to set.
    public var value: Int32
    /// The driver's name of it, in English, or a number.
    public var name: String
  }

  /// Which setting.
  public var kind: Kind
  /// What values it takes.
  public var values: Values
  /// The value that the camera begins with.
  public var defaultValue: Int32
  /// The present value; nil for what can only be written.
  public var value: Int32?
  /// Whether it can be set. What only tells something can't.
  public var isWritable: Bool
  /// Whether setting it has an effect now: exposure time hasn't while exposure is automatic.
  public var isEffective: Bool

  /// Whether `value` is one that the control takes; steps are left to the camera, which rounds.
  public func accepts(_ value: Int32) -> Bool {
    switch values {
    case .range(let minimum, let maximum, _): value >= minimum && value <= maximum
    case .switching: value == 0 || value == 1
    case .menu(let items): items.contains { $0.value == value }
    }
  }
}

/// Why a setting of a camera can't be made.
public enum CameraControlError: Error, Hashable, Sendable {
  /// The camera lacks this setting, or only tells it. Choose among those it lists.
  case missing(CameraControl.Kind)
  /// The value isn't one of those that the control takes.
  case outOfRange(CameraControl.Kind, Int32)
  /// The camera is gone.
  case disconnected
  /// The camera or its driver refused; the number is its `errno`. EBUSY and EACCES: something else, such as an
  /// automatic mode, has the setting now.
  case system(Int32)
}

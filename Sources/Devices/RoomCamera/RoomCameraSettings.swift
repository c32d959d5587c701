import Synchronization

/// Settings, views and presets of the room's camera. From any thread.
extension RoomCamera {
  /// The settings of the device that is open, with their present values; none while no device is.
  public var controls: [CameraControl] {
    shared.withLock { $0.controls }?.list() ?? []
  }

  /// Makes a setting, now and again whenever a device that has it is opened. The range is checked while a device is
  /// open; without one the setting waits for it.
  public func set(_ kind: CameraControl.Kind, to value: Int32) throws(CameraControlError) {
    if let controls = shared.withLock({ $0.controls }) { try controls.set(kind, to: value) }
    // A movement isn't a setting.
    guard !kind.isMovement else { return }
    shared.withLock { $0.settings[kind] = value }
  }

  /// Whether views are reached by motors; without, they are cut out of the picture.
  public var hasMotors: Bool { shared.withLock { $0.motors != nil } }

  /// Where the camera looks, or which part of its picture is shown; nil for one that doesn't tell.
  public var view: CameraView? {
    let (motors, view) = shared.withLock { ($0.motors, $0.view.position) }
    guard let motors else { return view }
    return motors.position
  }

  /// Moves the camera, or the part of its picture that is shown.
  public func move(_ movement: CameraMovement) throws(CameraControlError) {
    let motors = shared.withLock { shared in
      if shared.motors == nil { shared.view.obey(movement) }
      return shared.motors
    }
    try motors?.obey(movement)
  }

  /// The present view, to be kept and given to `apply` later; nil while no device is open.
  public func preset() -> CameraPreset? {
    let (controls, view) = shared.withLock { ($0.controls, $0.motors == nil ? $0.view.target : nil) }
    guard var preset = controls?.preset() else { return nil }
    preset.view = view
    return preset
  }

  /// Goes to a view that was kept.
  public func apply(_ preset: CameraPreset) throws(CameraControlError) {
    let controls = shared.withLock { shared in
      if shared.motors == nil, let view = preset.view { shared.view.obey(.to(view)) }
      return shared.controls
    }
    guard let controls else { throw .disconnected }
    try controls.apply(preset)
  }
}

extension CameraControl.Kind {
  /// Whether it moves the camera rather than setting something that lasts.
  var isMovement: Bool {
    switch self {
    case .panBy, .tiltBy, .zoomBy, .panSpeed, .tiltSpeed, .zoomSpeed: true
    default: false
    }
  }
}

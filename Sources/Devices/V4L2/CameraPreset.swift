/// A view of the room that a camera can go back to: values of its settings, kept by whoever asked for it.
public struct CameraPreset: Hashable, Sendable, Codable {
  /// The values by setting.
  public var values: [CameraControl.Kind: Int32]
  /// The part of the picture that is shown, for a camera without motors.
  public var view: CameraView?

  /// A view made of these values.
  public init(values: [CameraControl.Kind: Int32], view: CameraView? = nil) {
    self.values = values
    self.view = view
  }
}

extension CameraControls {
  /// The present view.
  public func preset() -> CameraPreset {
    var values: [CameraControl.Kind: Int32] = [:]
    for control in list() where control.kind.isKeptByPreset && control.isWritable {
      // A focus that is found automatically is found anew.
      if control.kind == .focus && !control.isEffective { continue }
      values[control.kind] = control.value
    }
    return CameraPreset(values: values)
  }

  /// Goes to a view. What the camera lacks is left out, as when the view was kept for another camera; values beyond
  /// what it takes become the nearest.
  public func apply(_ preset: CameraPreset) throws(CameraControlError) {
    // Automatic focus before the focus, which it decides whether it can be set.
    if let automatic = preset.values[.automaticFocus], control(.automaticFocus) != nil {
      try set(.automaticFocus, to: automatic)
    }
    var settings: [(kind: CameraControl.Kind, value: Int32)] = []
    for kind in CameraControl.Kind.allCases where kind != .automaticFocus {
      guard let value = preset.values[kind], let control = control(kind), control.isWritable, control.isEffective
      else { continue }
      guard case .range(let minimum, let maximum, _) = control.values else { continue }
      settings.append((kind, min(max(value, minimum), maximum)))
    }
    try set(settings)
  }
}

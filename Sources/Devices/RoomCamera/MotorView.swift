/// Pan, tilt and zoom of a camera with motors, by whichever of V4L2's controls it has.
struct MotorView {
  private struct Axis {
    let absolute: CameraControl.Kind
    let relative: CameraControl.Kind
    let speed: CameraControl.Kind
    /// What -1 or, of zoom, 0 means is the lowest value.
    let lowest: Double
    let part: any WritableKeyPath<CameraView, Double> & Sendable
  }

  private static let axes = [
    Axis(absolute: .pan, relative: .panBy, speed: .panSpeed, lowest: -1, part: \.pan),
    Axis(absolute: .tilt, relative: .tiltBy, speed: .tiltSpeed, lowest: -1, part: \.tilt),
    Axis(absolute: .zoom, relative: .zoomBy, speed: .zoomSpeed, lowest: 0, part: \.zoom),
  ]

  let controls: CameraControls

  /// Nil for a camera without motors.
  init?(_ controls: CameraControls) {
    let all: [CameraControl.Kind] = Self.axes.flatMap { [$0.absolute, $0.relative, $0.speed] }
    guard all.contains(where: { controls.control($0)?.isWritable == true }) else { return nil }
    self.controls = controls
  }

  func obey(_ movement: CameraMovement) throws(CameraControlError) {
    switch movement {
    case .to(let view): try move(to: view.clamped)
    case .by(let step): try move(by: step)
    case .drive(let speed): try drive(speed)
    case .stop: try drive(.home)
    }
  }

  /// Where it looks; nil for a camera that can't be asked. An axis without motor is in the middle.
  var position: CameraView? {
    var view = CameraView.home
    var isKnown = false
    for axis in Self.axes {
      guard let (low, high) = range(axis.absolute), high > low, let present = controls.value(of: axis.absolute) else {
        continue
      }
      isKnown = true
      let share = (Double(present) - low) / (high - low)
      view[keyPath: axis.part] = axis.lowest + share * (1 - axis.lowest)
    }
    return isKnown ? view : nil
  }

  private func move(to view: CameraView) throws(CameraControlError) {
    var settings: [(kind: CameraControl.Kind, value: Int32)] = []
    for axis in Self.axes {
      guard let (low, high) = range(axis.absolute) else { continue }
      let share = (view[keyPath: axis.part] - axis.lowest) / (1 - axis.lowest)
      settings.append((axis.absolute, value(low + (high - low) * share, low, high)))
    }
    if settings.isEmpty { throw .missing(.pan) }
    try controls.set(settings)
  }

  private func move(by step: CameraView) throws(CameraControlError) {
    var settings: [(kind: CameraControl.Kind, value: Int32)] = []
    for axis in Self.axes where step[keyPath: axis.part] != 0 {
      let share = step[keyPath: axis.part].isFinite ? step[keyPath: axis.part] : 0
      if let (low, high) = range(axis.absolute), let present = controls.value(of: axis.absolute) {
        let moved = Double(present) + (high - low) * share / (1 - axis.lowest)
        settings.append((axis.absolute, value(moved, low, high)))
      } else if let (low, high) = range(axis.relative) {
        settings.append((axis.relative, value(high * share, low, high)))
      } else {
        throw .missing(axis.relative)
      }
    }
    if !settings.isEmpty { try controls.set(settings) }
  }

  private func drive(_ speed: CameraView) throws(CameraControlError) {
    for axis in Self.axes {
      let share = speed[keyPath: axis.part].isFinite ? speed[keyPath: axis.part] : 0
      guard let (low, high) = range(axis.speed) else {
        if share != 0 { throw .missing(axis.speed) }
        continue
      }
      // Slow is not standing still.
      let wish = share == 0 ? 0 : share > 0 ? max(high * share, 1) : min(-low * share, -1)
      try controls.set(axis.speed, to: value(wish, low, high))
    }
  }

  private func range(_ kind: CameraControl.Kind) -> (Double, Double)? {
    guard let control = controls.control(kind), control.isWritable,
      case .range(let minimum, let maximum, _) = control.values
    else { return nil }
    return (Double(minimum), Double(maximum))
  }

  private func value(_ wish: Double, _ low: Double, _ high: Double) -> Int32 {
    Int32(min(max(wish.rounded(), low), high))
  }
}

import CV4L
import Synchronization
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The settings of an open camera. What it lacks isn't listed. From any thread, also while it streams.
public final class CameraControls: Sendable {
  private let device: VideoDevice

  init(_ device: VideoDevice) {
    self.device = device
  }

  /// All settings that the camera has, with their present values.
  public func list() -> [CameraControl] {
    CameraControl.Kind.allCases.compactMap { control($0) }
  }

  /// One setting with its present value; nil when the camera lacks it.
  public func control(_ kind: CameraControl.Kind) -> CameraControl? {
    var query = v4l2_queryctrl()
    query.id = kind.identifier
    guard device.call(salle_VIDIOC_QUERYCTRL, &query) == 0 else { return nil }
    func has(_ flag: Int32) -> Bool { query.flags & UInt32(flag) != 0 }
    guard !has(V4L2_CTRL_FLAG_DISABLED), let values = values(query) else { return nil }
    return CameraControl(
      kind: kind, values: values, defaultValue: query.default_value,
      value: has(V4L2_CTRL_FLAG_WRITE_ONLY) ? nil : value(of: kind), isWritable: !has(V4L2_CTRL_FLAG_READ_ONLY),
      isEffective: !has(V4L2_CTRL_FLAG_INACTIVE) && !has(V4L2_CTRL_FLAG_GRABBED))
  }

  /// The present value; nil when the camera lacks the setting or can't tell.
  public func value(of kind: CameraControl.Kind) -> Int32? {
    var control = v4l2_control(id: kind.identifier, value: 0)
    return device.call(salle_VIDIOC_G_CTRL, &control) == 0 ? control.value : nil
  }

  /// Makes a setting.
  public func set(_ kind: CameraControl.Kind, to value: Int32) throws(CameraControlError) {
    guard let control = control(kind), control.isWritable else { throw missing(kind) }
    guard control.accepts(value) else { throw .outOfRange(kind, value) }
    var request = v4l2_control(id: kind.identifier, value: value)
    try check(device.call(salle_VIDIOC_S_CTRL, &request))
  }

  /// Makes several settings as one, as pan and tilt of a movement. Nothing is set when one of them can't be.
  public func set(_ settings: [(kind: CameraControl.Kind, value: Int32)]) throws(CameraControlError) {
    for (kind, value) in settings {
      guard let control = control(kind), control.isWritable else { throw missing(kind) }
      guard control.accepts(value) else { throw .outOfRange(kind, value) }
    }
    // The kernel's call takes up to eight here.
    for start in stride(from: 0, to: settings.count, by: 8) {
      let part = settings[start..<min(start + 8, settings.count)]
      let (identifiers, values) = (part.map(\.kind.identifier), part.map(\.value))
      try check(device.with { salle_v4l_set_controls($0, identifiers, values, UInt32(part.count)) })
    }
  }

  /// A missing control, or one that can't be asked for because the camera is gone.
  private func missing(_ kind: CameraControl.Kind) -> CameraControlError {
    var capability = v4l2_capability()
    return device.call(salle_VIDIOC_QUERYCAP, &capability) == ENODEV ? .disconnected : .missing(kind)
  }

  private func check(_ number: Int32) throws(CameraControlError) {
    switch number {
    case 0: return
    case ENODEV, ENXIO: throw .disconnected
    default: throw .system(number)
    }
  }

  private func values(_ query: v4l2_queryctrl) -> CameraControl.Values? {
    switch query.type {
    case V4L2_CTRL_TYPE_INTEGER.rawValue:
      guard query.minimum <= query.maximum else { return nil }
      return .range(minimum: query.minimum, maximum: query.maximum, step: max(query.step, 1))
    case V4L2_CTRL_TYPE_BOOLEAN.rawValue:
      return .switching
    case V4L2_CTRL_TYPE_MENU.rawValue, V4L2_CTRL_TYPE_INTEGER_MENU.rawValue:
      return .menu(items(query))
    default:
      return nil
    }
  }

  private func items(_ query: v4l2_queryctrl) -> [CameraControl.MenuItem] {
    let range = max(query.minimum, 0)..<max(min(query.maximum, 255), max(query.minimum, 0)) + 1
    return range.compactMap { index in
      // Menus have gaps: the kernel says so item by item.
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 33) { name in
        var number: Int64 = 0
        guard menuItem(query.id, UInt32(index), name.baseAddress, &number) == 0 else { return nil }
        let isNumber = query.type == V4L2_CTRL_TYPE_INTEGER_MENU.rawValue
        let text = isNumber ? "\(number)" : name.baseAddress.map { String(cString: $0) } ?? ""
        return CameraControl.MenuItem(value: index, name: text)
      }
    }
  }

  private func menuItem(
    _ identifier: UInt32, _ index: UInt32, _ name: UnsafeMutablePointer<CChar>?, _ number: inout Int64
  ) -> Int32 {
    withUnsafeMutablePointer(to: &number) { number in
      device.with { salle_v4l_menu_item($0, identifier, index, name, number) }
    }
  }
}

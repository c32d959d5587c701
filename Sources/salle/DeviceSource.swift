import Devices

/// What a command line names in place of a device: a real one, or what stands in for it.
enum DeviceSource: Hashable {
  /// The first of these that is there, else the best.
  case device([DeviceRule])
  /// A word or a path that `StandIns` knows.
  case standIn(String)

  init(_ text: String) {
    switch text {
    case "auto": self = .device([])
    default:
      let isDevice = ["usb:", "path:", "/dev/", "hw:"].contains { text.hasPrefix($0) }
      if isDevice, let rule = DeviceRule(text) { self = .device([rule]) } else { self = .standIn(text) }
    }
  }

  /// What is wished of the room's devices; nil for a stand-in.
  var rules: [DeviceRule]? {
    if case .device(let rules) = self { rules } else { nil }
  }
}

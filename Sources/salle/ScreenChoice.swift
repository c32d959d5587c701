import Devices

/// Where the screen is shown.
enum ScreenChoice: Hashable {
  case none
  case browser(port: Int)
  /// On the first of these displays that is there, else on any.
  case display([DeviceRule])

  /// Nil for words that name no screen.
  init?(_ name: String) {
    switch name {
    case "none": self = .none
    case "browser": self = .browser(port: 0)
    case "auto": self = .display([])
    default:
      if name.hasPrefix("browser:") {
        guard let port = UInt16(name.dropFirst(8)) else { return nil }
        self = .browser(port: Int(port))
      } else if let rule = DeviceRule(name), Self.isDisplay(rule) {
        self = .display([rule])
      } else {
        return nil
      }
    }
  }

  /// A connector's name ends in a number: `HDMI-A-1`, `DP-2`.
  private static func isDisplay(_ rule: DeviceRule) -> Bool {
    guard case .node(let name) = rule else { return true }
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count > 1 && Int(parts[parts.count - 1]) != nil
  }
}

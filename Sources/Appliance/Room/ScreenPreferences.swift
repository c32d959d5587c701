/// How a screen is to be driven, as the settings of `Video Output Connector` say it.
public struct ScreenPreferences: Hashable, Sendable {
  /// A size and rate.
  public struct Mode: Hashable, Sendable {
    /// Width in pixels.
    public var width: Int
    /// Height in pixels.
    public var height: Int
    /// Pictures a second.
    public var refreshRate: Int

    /// A size in pixels, and a rate in hertz.
    public init(width: Int, height: Int, refreshRate: Int) {
      self.width = width
      self.height = height
      self.refreshRate = refreshRate
    }

    /// A value of the setting, such as `1920_1080_50`; nil for others.
    init?(_ text: String) {
      let parts = text.split(separator: "_", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 3, let width = parts[0], let height = parts[1], let refreshRate = parts[2] else {
        return nil
      }
      self.init(width: width, height: height, refreshRate: refreshRate)
    }
  }

  /// The range of colour values.
  public enum ColorRange: String, Hashable, Sendable {
    /// The mode's own.
    case automatic = "Auto"
    /// 0 to 255.
    case full = "Full"
    /// 16 to 235.
    case limited = "Limited"
  }

  /// The size and rate; nil for what suits the screen.
  public var mode: Mode?
  /// The part of width and height that the screen hides at each of its edges.
  public var hiddenEdge = 0.0
  /// The range of colour values.
  public var colorRange = ColorRange.automatic

  /// What suits most screens.
  public init() {}

  /// What the values of the three settings say; what isn't one of their values counts as the standard.
  init(resolution: String?, overscanLevel: String?, colorRange: String?) {
    mode = resolution.flatMap { Mode($0) }
    hiddenEdge =
      switch overscanLevel {
      case "Medium": 0.03
      case "High": 0.06
      default: 0
      }
    self.colorRange = colorRange.flatMap { ColorRange(rawValue: $0) } ?? .automatic
  }
}

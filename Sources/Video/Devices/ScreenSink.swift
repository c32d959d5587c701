import Realtime

/// Why a screen shows nothing.
public enum ScreenError: Error, Hashable, Sendable {
  /// No display is connected. Wait for it to come back.
  case disconnected
  /// The display's mode changed: compose for the new `mode` from now on.
  case modeChanged
  /// The operating system refused; the number is its `errno`. Trying again later may help.
  case system(Int32)
}

/// The size and pace of a screen.
public struct ScreenMode: Hashable, Sendable {
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// Vertical blanks per second.
  public var refreshRate: Double

  /// A screen's mode.
  public init(width: Int, height: Int, refreshRate: Double) {
    self.width = width
    self.height = height
    self.refreshRate = refreshRate
  }
}

/// A screen: a display or its stand-in, which keeps time as a display does.
///
/// `Sendable` so that it can be handed to the thread that composes; all calls are made there.
public protocol ScreenSink: AnyObject, Sendable {
  /// The present mode.
  var mode: ScreenMode { get }

  /// Shows `canvas`, of which only `damage` differs from what was presented before, and waits until that has happened:
  /// it paces the caller. With empty damage it still waits for the next vertical blank.
  ///
  /// The canvas belongs to the caller again afterwards. A screen with several buffers keeps the damage of earlier calls
  /// itself. Returns when the first line of the picture was sent to the display; the next one can be shown one refresh
  /// later.
  @discardableResult
  func present(_ canvas: Canvas, damage: Damage) throws(ScreenError) -> Instant
}

import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Why a display controller or one of its outputs cannot be used.
public enum KMSError: Error, Hashable, Sendable {
  /// The file isn't a display controller that sets modes atomically. Another card may.
  case unsupported(path: String)
  /// Another program (a desktop, another Salle) is DRM master: it alone may show pictures on this card. End it.
  case busy(path: String)
  /// The connector has no display, or the card has no such connector.
  case disconnected
  /// No mode of the display is one that the controller can show now, next to what its other screens show.
  case noUsableMode
  /// A screenshot of this kind isn't possible with this controller.
  case notCapturable
  /// The kernel refused `operation` with the error number `code`.
  case system(operation: String, code: Int32)

  /// What a `ScreenSink` says of it.
  public var screenError: ScreenError {
    switch self {
    case .disconnected: .disconnected
    case .busy: .system(EBUSY)
    case .unsupported, .notCapturable: .system(ENOTSUP)
    case .noUsableMode: .system(EINVAL)
    case .system(_, let code): .system(code)
    }
  }
}

extension KMSError: CustomStringConvertible {
  /// What is wrong, for logs and installers.
  public var description: String {
    switch self {
    case .unsupported(let path): "\(path) is no display controller with atomic mode setting"
    case .busy(let path): "another program is showing pictures on \(path) (it is DRM master): end it"
    case .disconnected: "no display is connected"
    case .noUsableMode: "the display has no mode that the controller can show"
    case .notCapturable: "the controller cannot give back what it shows"
    case .system(let operation, let code): "\(operation): \(String(cString: strerror(code))) (\(code))"
    }
  }
}

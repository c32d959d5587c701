import CALSA
import Glibc

/// Why a sound device can't be opened or set.
public enum ALSAError: Error, Equatable, Sendable {
  /// Another program holds it. It may let go: try again.
  case busy
  /// It isn't there (any more). Wait for the next change of devices.
  case missing
  /// This program may not use it. Its user should be in the group `audio`.
  case notPermitted
  /// It can't do what is needed; the text says what.
  case unsupported(String)
  /// The system refused, with this error number, what the text says.
  case system(Int32, String)

  /// The error for what ALSA's functions return, which is a negative error number.
  init(status: Int32, _ operation: String) {
    switch -status {
    case EBUSY, EAGAIN: self = .busy
    case ENOENT, ENODEV, ENXIO, EBADFD: self = .missing
    case EACCES, EPERM: self = .notPermitted
    default: self = .system(-status, operation)
    }
  }

  /// Throws for a negative `status` of `operation`.
  @discardableResult
  static func check(_ status: Int32, _ operation: @autoclosure () -> String) throws(ALSAError) -> Int32 {
    if status < 0 { throw ALSAError(status: status, operation()) }
    return status
  }
}

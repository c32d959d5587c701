import Glibc
import Logging

/// The program's standard output and error. Written at once, so that a script that reads a pipe sees each line in time.
enum Terminal {
  /// Writes a line to standard output.
  static func say(_ text: String) {
    write(text + "\n", to: STDOUT_FILENO)
  }

  /// Writes a line to standard error.
  static func complain(_ text: String) {
    write(text + "\n", to: STDERR_FILENO)
  }

  /// A log on standard error: errors alone, or everything when `isVerbose`.
  static func logger(_ label: String, isVerbose: Bool) -> Logger {
    var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = isVerbose ? .debug : .error
    return logger
  }

  // Nothing can be done when writing fails.
  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = ContiguousArray(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

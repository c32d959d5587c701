import Glibc

/// The program's standard error.
enum StandardError {
  /// Writes `text`; nothing can be done when that fails.
  static func write(_ text: String) {
    var bytes = ContiguousArray(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

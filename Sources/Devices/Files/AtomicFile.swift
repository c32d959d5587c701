#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that appears under its name only when it is whole: written beside it as `.partial`, flushed to the disk and
/// then renamed. After a power cut there is the old file, or none, and the partial one.
final class AtomicFile {
  let path: String
  private let partialPath: String
  private var descriptor: Int32

  init(path: String) throws(MediaFileError) {
    self.path = path
    partialPath = path + ".partial"
    descriptor = open(partialPath, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw MediaFileError(path: path, reason: .system(errno)) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Writes all of `bytes` at `offset`.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(MediaFileError) {
    guard let start = bytes.baseAddress else { return }
    var count = 0
    while count < bytes.count {
      let result = pwrite(descriptor, start + count, bytes.count - count, off_t(offset) + off_t(count))
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else { throw MediaFileError(path: path, reason: .system(result < 0 ? errno : ENOSPC)) }
      count += result
    }
  }

  /// Makes the file appear under its name. Nothing can be written any more.
  func commit() throws(MediaFileError) {
    guard descriptor >= 0 else { return }
    let flushed = fsync(descriptor) == 0
    let flushError = errno
    close(descriptor)
    descriptor = -1
    guard flushed else { throw MediaFileError(path: path, reason: .system(flushError)) }
    guard rename(partialPath, path) == 0 else { throw MediaFileError(path: path, reason: .system(errno)) }
  }

  /// Writes a whole small file at once.
  static func write(_ bytes: [UInt8], to path: String) throws(MediaFileError) {
    let file = try AtomicFile(path: path)
    // The closure of withUnsafeBytes can't carry the typed error.
    var failure: MediaFileError?
    bytes.withUnsafeBytes { bytes in
      do throws(MediaFileError) { try file.write(bytes, at: 0) } catch { failure = error }
    }
    if let failure { throw failure }
    try file.commit()
  }
}

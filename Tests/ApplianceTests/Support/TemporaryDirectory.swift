import Glibc

/// A directory for a test's files, removed with them when it is released.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/salle-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXFailure(number: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        unlink(path + "/" + name)
      }
      closedir(directory)
    }
    rmdir(path)
  }

  /// The path of a file in it.
  func file(_ name: String) -> String { path + "/" + name }
}

/// What the kernel refused.
struct POSIXFailure: Error {
  let number: Int32
}

import Foundation
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
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of a file in it.
  func file(_ name: String) -> String { path + "/" + name }
}

/// What the kernel refused.
struct POSIXFailure: Error {
  let number: Int32
}

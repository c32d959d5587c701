import Glibc
import Testing

/// The lab: a kernel with drivers for devices that don't exist, in which `Tests/Lab/run` runs these tests suite by suite.
enum Lab {
  /// Whether this process runs in the lab, for the suite of that name.
  static func runs(_ suite: String) -> Bool {
    guard let name = getenv("SALLE_LAB") else { return false }
    return String(cString: name) == suite
  }
}

/// The lab's own trouble: a device couldn't be made what a test needs.
struct LabError: Error {
  var what: String
  var code: Int32
}

extension Lab {
  /// Writes a setting of the kernel.
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY)
    guard descriptor >= 0 else { throw LabError(what: "open \(path)", code: errno) }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
      throw LabError(what: "write \(text) to \(path)", code: errno)
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Runs in the lab alone, as its suite of that name. `Tests/Lab/run` fails for names that no table of suites has.
  static func lab(_ suite: String) -> Self {
    .enabled(if: Lab.runs(suite), "needs the lab: Tests/Lab/run \(suite)")
  }
}

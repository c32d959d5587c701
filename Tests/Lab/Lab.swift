import Glibc

/// The lab: a kernel with drivers for devices that don't exist, in which `Tests/Lab/run` runs these tests suite by suite.
enum Lab {
  /// Whether this process runs in the lab, for the suite of that name.
  static func runs(_ suite: String) -> Bool {
    guard let name = getenv("SALLE_LAB") else { return false }
    return String(cString: name) == suite
  }
}

import Glibc

/// The lab: a kernel with drivers for devices that don't exist, in which `Tests/Lab/run` runs these tests suite by suite.
enum Lab {
  /// Whether this process runs in the lab, for the suite of that name.
  static func runs(_ suite: String) -> Bool {
    guard let name = getenv("SALLE_LAB") else { return false }
    return String(cString: name) == suite
  }

  /// Runs a command by the shell, as root of the lab; its exit status.
  static func shell(_ command: String) -> Int32 {
    var process = pid_t()
    let arguments = ["/bin/bash", "-c", command]
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    guard posix_spawn(&process, "/bin/bash", nil, nil, &pointers, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return -1 } }
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
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

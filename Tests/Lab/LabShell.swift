import Glibc

/// Programs that nobody here wrote, as witnesses and counterparts, run by the shell as root of the lab.
extension Lab {
  /// Runs a command to its end; its exit status, above 128 if a signal ended it.
  @discardableResult
  static func shell(_ command: String) -> Int32 {
    let status = system(command)
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  /// Runs a command to its end; gives what it printed.
  @discardableResult
  static func output(of command: String) throws -> String {
    guard let pipe = popen("\(command) 2>&1", "r") else { throw LabError(what: command, code: errno) }
    defer { pclose(pipe) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = fread(&buffer, 1, buffer.count, pipe)
      if count == 0 { break }
      text += buffer.prefix(count)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Starts a command that goes on until it is killed, its output going to a file; gives its process.
  static func start(_ command: String, output file: String) throws -> pid_t {
    let text = try output(of: "\(command) >\(file) & echo $!")
    guard let process = pid_t(text.filter(\.isNumber)) else { throw LabError(what: command, code: 0) }
    return process
  }

  /// The text of a file.
  static func text(of path: String) -> String {
    (try? output(of: "cat \(path)")) ?? ""
  }
}

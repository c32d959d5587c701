import Glibc

/// Programs that nobody here wrote, as witnesses and counterparts.
enum LabTool {
  /// Runs a command of the shell to its end; gives what it printed.
  @discardableResult
  static func run(_ command: String) throws -> String {
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
  static func start(_ command: String, output: String) throws -> pid_t {
    let text = try run("\(command) >\(output) & echo $!")
    guard let process = pid_t(text.filter(\.isNumber)) else { throw LabError(what: command, code: 0) }
    return process
  }

  /// The text of a file.
  static func read(_ path: String) -> String {
    (try? run("cat \(path)")) ?? ""
  }
}

import Glibc

/// Another program that prints lines; it ends when its standard input does, or by itself.
final class ChildProcess {
  private let id: pid_t
  private let input: Int32
  private let output: UnsafeMutablePointer<FILE>

  /// Starts `program` with `arguments`; its standard error is ours.
  init(_ program: String, _ arguments: [String]) throws {
    var (toChild, fromChild): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw BenchError("no pipe") }
    // Only the copies that are made for it go to the program: else its input would never end.
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    let words = ([program] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var id: pid_t = 0
    let status = posix_spawnp(&id, program, &actions, nil, words + [nil], environ)
    close(toChild[0])
    close(fromChild[1])
    guard status == 0, let output = fdopen(fromChild[0], "r") else { throw BenchError("can't start \(program)") }
    (self.id, self.output) = (id, output)
    input = toChild[1]
  }

  /// Its next line; nil when it has ended.
  func nextLine() -> String? {
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    let count = getline(&line, &capacity, output)
    guard count > 0, let line else { return nil }
    return String(cString: line).trimmingSuffix("\n")
  }

  /// Lets it end and waits for it.
  /// - Throws: when it failed.
  func finish() throws {
    close(input)
    while nextLine() != nil {}
    fclose(output)
    var status: Int32 = 0
    waitpid(id, &status, 0)
    if status != 0 { throw BenchError("a part of the measurement failed; see above") }
  }

  /// Runs to the end and gives the figures that it printed, a name and a number a line.
  static func figures(_ program: String, _ arguments: [String]) throws -> [String: Double] {
    let child = try ChildProcess(program, arguments)
    var figures: [String: Double] = [:]
    while let line = child.nextLine() {
      let words = line.split(separator: " ")
      if words.count == 2, let value = Double(words[1]) { figures[String(words[0])] = value }
    }
    try child.finish()
    return figures
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast()) : self }
}

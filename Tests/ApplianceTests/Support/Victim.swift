import Glibc

/// A program of this build that is killed.
final class Victim {
  private let process: pid_t
  private let descriptor: Int32
  /// What it has said.
  private(set) var output: [UInt8] = []

  init(_ name: String, _ arguments: [String]) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw POSIXFailure(number: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      close(ends[1])
    }
    let path = try Self.path(name)
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let failure = posix_spawn(&process, path, &actions, nil, &words, environ)
    guard failure == 0 else {
      close(ends[0])
      throw POSIXFailure(number: failure)
    }
    self.process = process
    descriptor = ends[0]
  }

  deinit { close(descriptor) }

  // It lies beside the program that runs the tests.
  private static func path(_ name: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let tests = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = tests.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/" + name
    guard access(path, X_OK) == 0 else { throw POSIXFailure(number: errno) }
    return path
  }

  /// Reads until it has said so many lines, or has ended.
  func waitForLines(_ count: Int) {
    while output.count(where: { $0 == UInt8(ascii: "\n") }) < count, read() {}
  }

  /// Kills it, and reads what it had said before.
  func kill() {
    Glibc.kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    while read() {}
  }

  private func read() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return false }
    output += buffer[..<count]
    return true
  }
}

import Glibc

/// A program that runs beside the test, with what it writes and how it ends. Killed when it is released.
final class RunningProgram {
  /// What a program left behind.
  struct Outcome {
    /// The exit status, or minus the signal that ended it.
    let status: Int32
    /// Standard output.
    let output: String
    /// Standard error.
    let errors: String
  }

  private let process: pid_t
  private var pipes: [(descriptor: Int32, bytes: [UInt8])]
  private var status: Int32?

  /// Starts `path` with `arguments`, with the signals' ordinary meaning.
  init(_ path: String, _ arguments: [String]) throws {
    let output = try Self.makePipe()
    let errors = try Self.makePipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.write, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    // A test runner that runs in the background ignores interrupts, which a child would inherit.
    var (defaults, none) = (sigset_t(), sigset_t())
    sigfillset(&defaults)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
      close(output.write)
      close(errors.write)
    }
    // Nothing else of the environment, such as a proxy, is to decide how the test ends.
    let variables = ["PATH", "HOME", "LD_LIBRARY_PATH"].compactMap { (name: String) in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { for word in words + environment { free(word) } }
    var process = pid_t()
    let failure = posix_spawn(&process, path, &actions, &attributes, &words, &environment)
    guard failure == 0 else {
      close(output.read)
      close(errors.read)
      throw Missing("\(path) can't be run: \(failure)")
    }
    self.process = process
    pipes = [(output.read, []), (errors.read, [])]
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      var ignored: Int32 = 0
      waitpid(process, &ignored, 0)
    }
    for pipe in pipes { close(pipe.descriptor) }
  }

  /// The `salle` program of this build.
  static func salle(_ arguments: [String]) throws -> RunningProgram {
    try RunningProgram(sallePath(), arguments)
  }

  /// It lies beside the program that runs the tests.
  static func sallePath() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let tests = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = tests.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/salle"
    guard access(path, X_OK) == 0 else {
      throw Missing("the program \(path), WHICH THESE TESTS RUN, is missing: build everything with swift build first")
    }
    return path
  }

  /// Waits until standard output has `text`.
  func says(_ text: String, within limit: Duration = .seconds(30)) async throws {
    let hasSaid = await eventually(within: limit) {
      update()
      return output.contains(text) || status != nil
    }
    guard hasSaid, output.contains(text) else {
      throw Missing("“\(text)” in “\(output)”, errors “\(errors)”, status \(status.map(String.init) ?? "none")")
    }
  }

  /// Sends a signal.
  func send(_ signal: Int32) {
    kill(process, signal)
  }

  /// Waits for the end.
  func outcome(within limit: Duration = .seconds(30)) async throws -> Outcome {
    let hasEnded = await eventually(within: limit) {
      update()
      return status != nil
    }
    guard hasEnded, let status else { throw Missing("an end of the program, which says “\(output)” and “\(errors)”") }
    return Outcome(status: status, output: output, errors: errors)
  }

  var output: String { String(decoding: pipes[0].bytes, as: UTF8.self) }
  private var errors: String { String(decoding: pipes[1].bytes, as: UTF8.self) }

  private func update() {
    guard status == nil else { return }
    // The status first: what was written before the end is then read below.
    var raw: Int32 = 0
    if waitpid(process, &raw, WNOHANG) == process {
      status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
    }
    for index in pipes.indices {
      var buffer = [UInt8](repeating: 0, count: 4_096)
      while case let count = read(pipes[index].descriptor, &buffer, buffer.count), count > 0 {
        pipes[index].bytes += buffer[..<count]
      }
    }
  }

  private static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Missing("a pipe: \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    return (ends[0], ends[1])
  }
}

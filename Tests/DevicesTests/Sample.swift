import Foundation

@testable import Devices

/// The files that come with the tests, and places for those that the tests make.
enum Sample {
  static func path(_ name: String) -> String {
    Bundle.module.resourceURL?.appendingPathComponent("Samples/" + name).path ?? name
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// Gives `body` the path of a new file with `bytes`, which is removed afterwards.
  static func withFile<Result>(_ bytes: [UInt8] = [], _ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data(bytes).write(to: url)
    defer {
      try? FileManager.default.removeItem(at: url)
      try? FileManager.default.removeItem(atPath: url.path + ".partial")
    }
    return try body(url.path)
  }

  /// The memory that this process has asked the system for, in bytes (proc_pid_statm(5)).
  static func memorySize() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (text.split(separator: " ").first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// What `ffmpeg` makes of a file as raw samples; nil where ffmpeg isn't installed.
  static func ffmpeg(_ path: String, _ arguments: [String]) throws -> [UInt8]? {
    let tool = "/usr/bin/ffmpeg"
    guard FileManager.default.isExecutableFile(atPath: tool) else { return nil }
    return try withFile { output in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: tool)
      process.arguments = ["-loglevel", "error", "-y", "-i", path] + arguments + [output]
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus == 0 ? [UInt8](try Data(contentsOf: URL(fileURLWithPath: output))) : []
    }
  }
}

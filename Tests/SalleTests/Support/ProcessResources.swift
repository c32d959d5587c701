import Glibc

/// What this process holds that a meeting, or a practice room, must give back: sockets and threads.
struct ProcessResources: Hashable, CustomStringConvertible {
  /// Each socket as the kernel numbers it.
  let sockets: Set<String>
  /// The names of Salle's own threads and of event loops that aren't the process's shared ones.
  let threads: [String]

  /// As it is now.
  static var current: ProcessResources {
    ProcessResources(
      sockets: Set(entries(of: "/proc/self/fd").compactMap(link).filter { $0.hasPrefix("socket:") }),
      threads: entries(of: "/proc/self/task").compactMap(name).filter(isOurs).sorted())
  }

  var description: String { "sockets \(sockets.sorted()), threads \(threads)" }

  /// Runs `body`, and then demands that nothing is left of what it opened and started.
  static func requireNothingLeft(after body: () async throws -> Void) async throws {
    let before = current
    try await body()
    // A joined thread, or a closed socket, may stay listed for the moment in which the kernel takes it out.
    guard await eventually(within: .seconds(3), { current == before }) else {
      throw Missing("left over: \(current); before: \(before)")
    }
  }

  private static let ownThreads: Set<String> = [
    "audio", "audio-send", "camera", "video-decode", "screen", "practice-video", "practice-audio",
  ]

  private static func isOurs(_ name: String) -> Bool {
    ownThreads.contains(name) || name.hasPrefix("NIO-ELT-")
  }

  private static func entries(of folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append("\(folder)/\(name)") }
    }
    return names
  }

  private static func link(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = readlink(path, start, buffer.count)
      return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
  }

  private static func name(_ path: String) -> String? {
    guard let file = fopen("\(path)/comm", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 32)
    guard fgets(&line, 32, file) != nil else { return nil }
    return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

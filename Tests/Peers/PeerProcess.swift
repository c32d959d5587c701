import Foundation

/// A program in Python that plays the other end of a call.
final class PeerProcess {
  /// Why a program can't be run.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The Python with the packages `livekit`, `aiortc` and `numpy`: of SALLE_PEERS_PYTHON, else the one that
  /// `board/host/setup --test` makes.
  static var python: String? {
    let environment = ProcessInfo.processInfo.environment["SALLE_PEERS_PYTHON"]
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = environment ?? root.appending(path: ".build-peers/bin/python").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  /// Starts `program` of this folder.
  init(_ program: String, _ arguments: [String]) throws {
    guard let python = Self.python else {
      throw Failure(
        description: "no Python for the peers: run board/host/setup --test, or set SALLE_PEERS_PYTHON to a Python "
          + "that has livekit, aiortc and numpy")
    }
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    process.executableURL = URL(filePath: python)
    process.arguments = [folder.appending(path: program).path] + arguments
    process.standardInput = input
    process.standardOutput = output
    if ProcessInfo.processInfo.environment["SALLE_PEERS_VERBOSE"] == nil {
      process.standardError = FileHandle.nullDevice
    }
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  /// The next line that the program writes, a JSON value.
  func next<Value: Decodable>(_ type: Value.Type = Value.self) async throws -> Value {
    let handle = output.fileHandleForReading
    // Reading blocks, so on a thread of its own.
    let line = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var line = Data()
        while let byte = try? handle.read(upToCount: 1), byte.first != nil, byte.first != UInt8(ascii: "\n") {
          line += byte
        }
        continuation.resume(returning: line)
      }
    }
    guard !line.isEmpty else { throw Failure(description: "the program ended without a result") }
    return try JSONDecoder().decode(type, from: line)
  }

  /// Writes a line for the program to read.
  func send(_ value: some Encodable) throws {
    try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(value) + [UInt8(ascii: "\n")])
  }
}

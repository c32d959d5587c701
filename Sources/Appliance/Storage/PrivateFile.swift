#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Files that their owner alone may read.
enum PrivateFile {
  /// What the kernel said.
  struct Failure: Error, Hashable {
    /// The path.
    let path: String
    /// The `errno`.
    let number: Int32
  }

  /// Makes an empty file if there is none, and keeps others from reading it.
  static func touch(_ path: String) throws(Failure) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(path: path, number: errno) }
    defer { close(descriptor) }
    guard fchmod(descriptor, 0o600) == 0 else { throw Failure(path: path, number: errno) }
  }

  /// Makes a directory for files like these, if there is none.
  static func makeDirectory(_ path: String) throws(Failure) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure(path: path, number: errno) }
  }

  /// Writes a small file that appears under its name when it is whole and on the disk.
  static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    let partial = path + ".partial"
    // One that a kill left behind may have been made by anybody, with any mode.
    unlink(partial)
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Failure(path: path, number: errno) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Self.write(descriptor, $0) }
      guard count > 0 else {
        let number = count < 0 ? errno : ENOSPC
        close(descriptor)
        throw Failure(path: path, number: number)
      }
      rest = rest.dropFirst(count)
    }
    let isFlushed = fsync(descriptor) == 0
    let number = errno
    close(descriptor)
    guard isFlushed else { throw Failure(path: path, number: number) }
    try rename(partial, to: path)
    try flushDirectory(of: path)
  }

  /// Gives a file another name, in place of what has it.
  static func rename(_ path: String, to other: String) throws(Failure) {
    #if canImport(Glibc)
      let result = Glibc.rename(path, other)
    #else
      let result = Musl.rename(path, other)
    #endif
    guard result == 0 else { throw Failure(path: path, number: errno) }
  }

  /// Removes a file, if it is there.
  static func remove(_ path: String) throws(Failure) {
    guard unlink(path) == 0 || errno == ENOENT else { throw Failure(path: path, number: errno) }
  }

  /// A small file's bytes; nil when there is none.
  static func read(_ path: String, limit: Int = 1_048_576) throws(Failure) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      guard errno == ENOENT else { throw Failure(path: path, number: errno) }
      return nil
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes { Self.read(descriptor, $0) }
      guard count >= 0 else { throw Failure(path: path, number: errno) }
      guard count > 0 else { return bytes }
      bytes += buffer.prefix(count)
      guard bytes.count <= limit else { throw Failure(path: path, number: EFBIG) }
    }
  }

  // A new name is on the disk when its directory is.
  private static func flushDirectory(of path: String) throws(Failure) {
    let end = path.lastIndex(of: "/")
    let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(path: directory, number: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Failure(path: directory, number: errno) }
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      return Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  private static func read(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Glibc)
      return Glibc.read(descriptor, bytes.baseAddress, bytes.count)
    #else
      return Musl.read(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }
}

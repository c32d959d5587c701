#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The text of an `errno`.
enum SystemError {
  static func text(_ number: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress else { return "\(number)" }
      start[0] = 0
      guard strerror_r(number, start, 256) == 0 else { return "error \(number)" }
      return String(cString: start)
    }
  }
}

/// A file open for reading at any place. Reading (not mapping) it means that a file cut short while in use is an error
/// and not a fault.
final class InputFile {
  let path: String
  let size: Int64
  private let descriptor: Int32

  init(path: String) throws(MediaFileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MediaFileError(path: path, reason: .system(errno)) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let number = errno
      close(descriptor)
      throw MediaFileError(path: path, reason: .system(number))
    }
    // A folder or a device has no size to go by.
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw MediaFileError(path: path, reason: .unsupported("what is not a regular file"))
    }
    size = Int64(status.st_size)
  }

  deinit {
    close(descriptor)
  }

  /// Reads up to `memory.count` bytes at `offset`; fewer only at the end of the file.
  func read(into memory: UnsafeMutableRawBufferPointer, at offset: Int64) throws(MediaFileError) -> Int {
    guard let start = memory.baseAddress, offset >= 0 else { return 0 }
    var count = 0
    while count < memory.count {
      let result = pread(descriptor, start + count, memory.count - count, off_t(offset) + off_t(count))
      if result < 0 {
        if errno == EINTR { continue }
        throw MediaFileError(path: path, reason: .system(errno))
      }
      if result == 0 { break }
      count += result
    }
    return count
  }

  /// Up to `count` bytes at `offset`, for headers.
  func bytes(_ count: Int, at offset: Int64) throws(MediaFileError) -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 1)
    defer { memory.deallocate() }
    let length = try read(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<count]), at: offset)
    return [UInt8](memory[..<length])
  }

  func malformed(_ detail: String) -> MediaFileError { MediaFileError(path: path, reason: .malformed(detail)) }
  func unsupported(_ detail: String) -> MediaFileError { MediaFileError(path: path, reason: .unsupported(detail)) }
}

extension Array where Element == UInt8 {
  /// The little-endian number of `count` (at most 8) bytes at `offset`; 0 beyond the end.
  func littleEndian(_ offset: Int, count: Int) -> Int {
    guard offset >= 0, count <= 8, offset + count <= self.count else { return 0 }
    var value: UInt64 = 0
    for index in (0..<count).reversed() { value = value << 8 | UInt64(self[offset + index]) }
    return Int(truncatingIfNeeded: value & 0x7FFF_FFFF_FFFF_FFFF)
  }

  /// Whether the ASCII characters of `text` are at `offset`.
  func has(_ text: StaticString, at offset: Int) -> Bool {
    guard offset >= 0, offset + text.utf8CodeUnitCount <= count else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { self[offset + $0] == text.utf8Start[$0] }
  }
}

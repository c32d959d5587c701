#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What is read of a device's folder under `/sys`. A protocol, so that tests have devices that this machine hasn't.
protocol DeviceFiles {
  /// The first line of a small file, without white space around it; nil if it can't be read.
  func text(_ path: String) -> String?
  /// The last component of the link `subsystem` in the device's folder; nil if there is none.
  func subsystem(of path: String) -> String?
}

/// The real `/sys`.
struct SystemFiles: DeviceFiles {
  func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { memory in
      let count = read(descriptor, memory.baseAddress, memory.count)
      guard count >= 0 else { return nil }
      let line = memory[..<count].prefix { $0 != UInt8(ascii: "\n") }
      let text = String(decoding: line, as: UTF8.self).drop { $0.isWhitespace }
      return String(text.reversed().drop { $0.isWhitespace }.reversed())
    }
  }

  func subsystem(of path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4_096) { memory in
      guard let start = memory.baseAddress else { return nil }
      let count = readlink(path + "/subsystem", start, memory.count)
      guard count > 0 else { return nil }
      let target = String(decoding: memory[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return target.split(separator: "/").last.map(String.init)
    }
  }
}

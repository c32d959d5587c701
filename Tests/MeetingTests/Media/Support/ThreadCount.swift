#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How many threads of this process have the given name, as the kernel cuts it.
func threadCount(named name: String) -> Int {
  guard let folder = opendir("/proc/self/task") else { return 0 }
  defer { closedir(folder) }
  var count = 0
  while let entry = readdir(folder) {
    let number = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    guard let file = fopen("/proc/self/task/\(number)/comm", "r") else { continue }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 32)
    guard fgets(&line, 32, file) != nil else { continue }
    let text = line.prefix { $0 != 0 && $0 != 10 }.map { Character(UnicodeScalar(UInt8(bitPattern: $0))) }
    if String(text) == name { count += 1 }
  }
  return count
}

/// Whether no thread of that name is left. A joined thread may stay in the list for the moment in which the kernel takes
/// it out.
func isThreadGone(_ name: String) -> Bool {
  for _ in 0..<100_000 {
    if threadCount(named: name) == 0 { return true }
    sched_yield()
  }
  return false
}

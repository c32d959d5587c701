import Glibc

/// What the kernel counts of a process and its threads.
struct ProcessCost {
  /// Processor time of the process, user and system, seconds.
  var processorTime = 0.0
  /// The same by the threads' names.
  var threads: [String: Double] = [:]

  /// Until now.
  static var now: ProcessCost {
    var cost = ProcessCost()
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    cost.processorTime = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    guard let directory = opendir("/proc/self/task") else { return cost }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let id = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      // The first number of schedstat: nanoseconds on a processor.
      guard let name = line(of: "/proc/self/task/\(id)/comm"),
        let time = line(of: "/proc/self/task/\(id)/schedstat")?.split(separator: " ").first.flatMap({ Double($0) })
      else { continue }
      cost.threads[name, default: 0] += time / 1e9
    }
    return cost
  }

  /// What was spent since `earlier`.
  static func - (later: ProcessCost, earlier: ProcessCost) -> ProcessCost {
    var cost = ProcessCost(processorTime: later.processorTime - earlier.processorTime)
    for (name, time) in later.threads { cost.threads[name] = time - (earlier.threads[name] ?? 0) }
    return cost
  }

  /// Resident memory now, bytes: all of it, and the part that belongs to no file.
  static var residentMemory: (all: Int, anonymous: Int) { (status("VmRSS:"), status("RssAnon:")) }

  /// Processor time of the calling thread, seconds.
  static var threadTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  private static func status(_ key: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    while let line = line(of: file) {
      guard line.hasPrefix(key) else { continue }
      return (line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } ?? 0) * 1_024
    }
    return 0
  }

  private static func line(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    return line(of: file)
  }

  private static func line(of file: UnsafeMutablePointer<FILE>) -> String? {
    var buffer = [CChar](repeating: 0, count: 512)
    guard fgets(&buffer, 512, file) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

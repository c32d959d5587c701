import COpenSSL
import Glibc
import Realtime

/// The time that the C libraries see.
///
/// OpenSSL (DTLS retransmission) and usrsctp (round-trip times, message lifetimes) don't take the time as an argument:
/// they call `gettimeofday`. This file therefore defines that function for the process, as ELF lets an executable do.
/// Inside `LibraryClock.run(at:)` it answers with the instant that was passed in, so that both libraries live in the
/// time of whoever drives them: virtual time in tests, and in the product a clock that doesn't jump when the machine
/// learns the date. Everywhere else it answers as the system does.
///
/// The linker has to be told (`--export-dynamic-symbol=gettimeofday`), else shared libraries don't find it. Without it
/// nothing breaks that lives in real time: the libraries then count that, and deadlines are asked from them, not
/// assumed.
enum LibraryClock {
  /// What instant zero looks like to the libraries: a time zero would mean "no timer" to OpenSSL.
  private static let epochMicroseconds: Int64 = 1_000_000_000_000_000

  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    return pthread_key_create(&key, nil) == 0 ? key : nil
  }()

  /// Runs `body`, in which the libraries take `now` for the present. Nests.
  static func run<Result, Failure: Error>(
    at now: Instant, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let key else { return try body() }
    let previous = pthread_getspecific(key)
    pthread_setspecific(key, pointer(for: now))
    defer { pthread_setspecific(key, previous) }
    return try body()
  }

  /// Microseconds for `gettimeofday` on this thread; nil outside `run`.
  static var microseconds: Int64? {
    guard let key, let pointer = pthread_getspecific(key) else { return nil }
    return Int64(Int(bitPattern: pointer))
  }

  /// The time itself is stored in place of a pointer, so that the hot path allocates nothing.
  private static func pointer(for now: Instant) -> UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(bitPattern: Int(epochMicroseconds + max(0, now.nanoseconds) / 1_000))
  }
}

/// POSIX `gettimeofday` for the whole process; see `LibraryClock`.
@_cdecl("gettimeofday")
func salleGetTimeOfDay(_ time: UnsafeMutablePointer<timeval>?, _ zone: UnsafeMutableRawPointer?) -> Int32 {
  guard let time else { return 0 }
  if let microseconds = LibraryClock.microseconds {
    time.pointee.tv_sec = Int(microseconds / 1_000_000)
    time.pointee.tv_usec = Int(microseconds % 1_000_000)
  } else {
    var now = timespec()
    guard clock_gettime(CLOCK_REALTIME, &now) == 0 else { return -1 }
    time.pointee.tv_sec = now.tv_sec
    time.pointee.tv_usec = now.tv_nsec / 1_000
  }
  return 0
}

import Glibc
import Realtime
import Testing

@testable import WebRTC

@Suite("The time that C libraries see")
struct LibraryClockTests {
  /// Asks as a shared library would: the first function of that name that the dynamic linker finds.
  private func secondsSeenByLibraries() throws -> Int {
    let symbol = try #require(dlsym(dlopen(nil, RTLD_NOW), "gettimeofday"))
    typealias Function = @convention(c) (UnsafeMutablePointer<timeval>?, UnsafeMutableRawPointer?) -> Int32
    var time = timeval()
    #expect(unsafeBitCast(symbol, to: Function.self)(&time, nil) == 0)
    return time.tv_sec
  }

  @Test("libraries are in the time that is passed in; this needs the executable to export gettimeofday")
  func passedIn() throws {
    let first = try LibraryClock.run(at: Instant(nanoseconds: 0)) { try secondsSeenByLibraries() }
    let second = try LibraryClock.run(at: Instant(nanoseconds: 90_000_000_000)) {
      _ = try LibraryClock.run(at: Instant(nanoseconds: 5)) { try secondsSeenByLibraries() }
      return try secondsSeenByLibraries()
    }
    #expect(second - first == 90)
  }

  @Test("elsewhere they see the system's time")
  func system() throws {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    #expect(abs(try secondsSeenByLibraries() - now.tv_sec) <= 1)
  }
}

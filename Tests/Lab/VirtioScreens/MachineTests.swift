import Glibc
import Realtime
import Testing

/// That QEMU's machine is what the suites for what lies outside of the kernel take it for.
@Suite(.lab("virtio"), .serialized) struct MachineTests {
  @Test func hasSerialLine() throws {
    try Outside.shared.answerLine()
    let line = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(line >= 0)
    defer { close(line) }
    var settings = termios()
    try #require(tcgetattr(line, &settings) == 0)
    cfmakeraw(&settings)
    cfsetspeed(&settings, speed_t(B115200))
    try #require(tcsetattr(line, TCSANOW, &settings) == 0)
    #expect(write(line, "good morning\r\n", 14) == 14)
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64)
    var ready = pollfd(fd: line, events: Int16(POLLIN), revents: 0)
    while answer.count < 14, poll(&ready, 1, 10_000) == 1 {
      let count = read(line, &buffer, buffer.count)
      guard count > 0 else { break }
      answer += buffer.prefix(count)
    }
    #expect(String(decoding: answer, as: UTF8.self) == "GOOD MORNING\r\n")
  }

  /// While it is fed the watchdog is quiet; when it is no longer, it bites.
  @Test func hasWatchdogThatBites() throws {
    let watchdog = open("/dev/watchdog0", O_WRONLY | O_CLOEXEC)
    try #require(watchdog >= 0)
    defer { close(watchdog) }
    // _IOWR('W', 6, int), linux/watchdog.h.
    var timeout: Int32 = 3
    try #require(ioctl(watchdog, 0xC004_5706, &timeout) == 0)
    for _ in 0..<15 {
      #expect(write(watchdog, "1", 1) == 1)
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(300))
    }
    #expect(try Outside.shared.watchdogBites() == 0)
    let deadline = MonotonicClock.now + .seconds(20)
    while try Outside.shared.watchdogBites() == 0, MonotonicClock.now < deadline {
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(200))
    }
    #expect(try Outside.shared.watchdogBites() ?? 0 >= 1)
    // 'V' disarms it.
    #expect(write(watchdog, "V", 1) == 1)
  }
}

import Glibc
import Realtime
import Testing

/// That the lab is what the other suites take it for.
@Suite(.lab("lab")) struct LabTests {
  @Test(arguments: ["/dev/video0", "/dev/dri/card0", "/dev/snd/controlC0"])
  func hasDevices(path: String) {
    #expect(access(path, R_OK | W_OK) == 0)
  }

  @Test func hasVirtualTime() {
    let began = MonotonicClock.now
    MonotonicClock.sleep(until: began + .seconds(3_600))
    let elapsed = (MonotonicClock.now - began).seconds
    #expect(elapsed >= 3_600 && elapsed < 3_600.1)
  }
}

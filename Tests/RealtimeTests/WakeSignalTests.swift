import Realtime
import Testing

@Suite("Wake signal")
struct WakeSignalTests {
  @Test("what was raised before the wait ends it at once, once")
  func raisedBefore() {
    let signal = WakeSignal()
    signal.raise()
    signal.raise()
    #expect(signal.wait(until: .distantFuture))
    #expect(!signal.wait(until: MonotonicClock.now))
  }

  @Test("an instant that has passed ends the wait, one to come is waited for")
  func deadline() {
    let signal = WakeSignal()
    let instant = MonotonicClock.now + .milliseconds(3)
    #expect(!signal.wait(until: instant))
    #expect(MonotonicClock.now >= instant)
  }

  @Test("another thread wakes it")
  func otherThread() throws {
    let signal = WakeSignal()
    let thread = try RealtimeThread(name: "raise", priority: nil) { _ in signal.raise() }
    #expect(signal.wait())
    thread.stop()
  }
}

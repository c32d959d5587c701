import Control
import Realtime

/// Wakes the centre's sessions when they want it.
struct SessionClock {
  let center: ControlCenter

  /// Goes on until the task is cancelled.
  func run() async {
    let (alarms, alarm) = AsyncStream<Instant>.makeStream(bufferingPolicy: .bufferingNewest(1))
    await center.observeDeadlines { alarm.yield($0) }
    // What waits for the next deadline; a nearer one takes its place.
    var sleeper: Task<Void, Never>?
    for await deadline in alarms {
      sleeper?.cancel()
      sleeper = Task { [center] in
        var next: Instant? = deadline
        while let deadline = next {
          do { try await Task.sleep(for: max(.zero, deadline - MonotonicClock.now)) } catch { return }
          next = await center.wake()
        }
      }
    }
    sleeper?.cancel()
  }
}

import Realtime
import Synchronization

/// Holds the thread of something that is started and stopped, at most one at a time.
final class MediaThreadSlot: Sendable {
  private let thread = Mutex<MediaThread?>(nil)

  /// Starts the thread that `make` makes; does nothing where one runs.
  func start(
    _ make: () throws(RealtimeThread.Failure) -> MediaThread
  ) throws(RealtimeThread.Failure) {
    let failure = thread.withLock { thread -> RealtimeThread.Failure? in
      if thread != nil { return nil }
      do throws(RealtimeThread.Failure) {
        thread = try make()
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Ends the thread and waits until it is gone. Another may be started afterwards.
  func stop() async {
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    await running?.stop()
  }
}

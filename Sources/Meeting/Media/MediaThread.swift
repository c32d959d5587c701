import Realtime
import Synchronization

/// A thread of the media path that control code stops without blocking, and that sleeps on a signal while it has
/// nothing to do. The last release stops it too, and then does block until it has ended.
final class MediaThread: Sendable {
  /// What the body sees of its thread.
  final class Run: Sendable {
    /// Raised when the thread is to look whether there is work, or whether to stop.
    let signal: ThreadSignal
    private let stopping = Atomic<Bool>(false)
    fileprivate let end = Mutex(End())

    fileprivate struct End {
      var hasEnded = false
      var waiters: [CheckedContinuation<Void, Never>] = []
    }

    fileprivate init(signal: ThreadSignal) { self.signal = signal }

    /// Whether the body is to return soon.
    var shouldStop: Bool { stopping.load(ordering: .acquiring) }

    fileprivate func requestStop() {
      stopping.store(true, ordering: .releasing)
      signal.raise()
    }

    fileprivate func noteEnd() {
      let waiters = end.withLock { end in
        end.hasEnded = true
        defer { end.waiters = [] }
        return end.waiters
      }
      for waiter in waiters { waiter.resume() }
    }
  }

  private let run: Run
  private let thread: RealtimeThread

  /// Starts a thread.
  /// - Parameters:
  ///   - name: shown by the system's tools, which see 15 bytes of it.
  ///   - priority: as `RealtimeThread`'s; nil for an ordinary thread, which is right for all that computes long.
  ///   - signal: what wakes it.
  ///   - body: what it does until `shouldStop`. It must not hold whoever holds this thread.
  init(
    name: String, priority: Int? = nil, signal: ThreadSignal = ThreadSignal(),
    body: @escaping @Sendable (Run) -> Void
  ) throws(RealtimeThread.Failure) {
    let run = Run(signal: signal)
    self.run = run
    thread = try RealtimeThread(name: name, priority: priority) { _ in
      body(run)
      run.noteEnd()
    }
  }

  deinit { run.requestStop() }

  /// Asks the body to return and waits until the thread is gone. Safe to call twice.
  func stop() async {
    run.requestStop()
    await withCheckedContinuation { continuation in
      let hasEnded = run.end.withLock { end in
        if !end.hasEnded { end.waiters.append(continuation) }
        return end.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
    // The body is over: joining takes no time.
    thread.stop()
  }
}

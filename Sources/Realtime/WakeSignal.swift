import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Wakes one waiting thread, which may also wait for an instant. Raising it neither blocks nor allocates, so that the audio
/// thread may do it; raising it several times before the thread looks counts once.
///
/// Where nobody waits for an instant, `ThreadSignal` does with less.
public final class WakeSignal: Sendable {
  /// The reading and the writing end of a pipe: unlike a semaphore, it can be waited for by the monotonic clock.
  private let ends: (read: Int32, write: Int32)
  private let isRaised = Atomic<Bool>(false)

  /// A signal that isn't raised.
  public init() {
    var pair: [Int32] = [-1, -1]
    precondition(pipe(&pair) == 0, "no file descriptors are left")
    for end in pair {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    ends = (pair[0], pair[1])
  }

  deinit {
    close(ends.read)
    close(ends.write)
  }

  /// Lets the waiting thread go on, or its next wait return at once. From any thread.
  public func raise() {
    guard !isRaised.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var byte: UInt8 = 0
    _ = write(ends.write, &byte, 1)
  }

  /// Waits until the signal is raised, and lowers it, or until `deadline`.
  /// - Returns: whether it was raised.
  @discardableResult
  public func wait(until deadline: Instant = .distantFuture) -> Bool {
    var entry = pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0)
    while true {
      let left = (deadline - MonotonicClock.now).nanoseconds
      let milliseconds = deadline == .distantFuture ? -1 : Int32(clamping: (max(0, left) + 999_999) / 1_000_000)
      let count = poll(&entry, 1, milliseconds)
      if count > 0 {
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
        // Lowered before the thread looks for work: what is raised from here on is a new signal.
        _ = isRaised.exchange(false, ordering: .acquiringAndReleasing)
        return true
      }
      if MonotonicClock.now >= deadline { return false }
    }
  }
}

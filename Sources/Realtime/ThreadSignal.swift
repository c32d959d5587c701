import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Wakes one waiting thread. Raising it neither blocks nor allocates, so that an event loop or the audio thread
/// may do it; raising it several times before the thread looks counts once.
///
/// `@unchecked Sendable`: a POSIX semaphore is made for this; its address never changes.
public final class ThreadSignal: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>
  private let isRaised = Atomic<Bool>(false)

  /// A signal that isn't raised.
  public init() {
    semaphore = .allocate(capacity: 1)
    semaphore.initialize(to: sem_t())
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// Lets the waiting thread go on, or its next wait return at once. From any thread.
  public func raise() {
    if !isRaised.exchange(true, ordering: .acquiringAndReleasing) { sem_post(semaphore) }
  }

  /// Waits until the signal is raised, and lowers it.
  public func wait() {
    while sem_wait(semaphore) != 0 && errno == EINTR {}
    // Lowered before the thread looks for work: what is raised from here on is a new signal.
    _ = isRaised.exchange(false, ordering: .acquiringAndReleasing)
  }
}

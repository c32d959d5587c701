#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The machine's monotonic clock (`CLOCK_MONOTONIC`), the one that ALSA, V4L2 and DRM stamp their buffers with.
public enum MonotonicClock {
  /// The present instant.
  public static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(time)
  }

  /// Puts the calling thread to sleep until `deadline`; returns at once if it has passed.
  public static func sleep(until deadline: Instant) {
    var time = deadline.timespec
    while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
  }
}

// Modules of C libraries declare `timespec` as well, and then own its fields: those who import them use these.
extension Instant {
  /// The instant of a monotonic clock's time.
  public init(_ time: timespec) {
    self.init(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The same as the C library takes it.
  public var timespec: timespec {
    .init(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}

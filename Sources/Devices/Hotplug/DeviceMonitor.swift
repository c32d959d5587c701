import CNetlink
import Realtime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Watches for devices that come, go or change, by the kernel's uevents, on a thread of its own that sleeps meanwhile.
///
/// It says only in which class something changed: what is there now must be looked up anyway, since events get lost and
/// devices change again before anybody looks.
public final class DeviceMonitor: Sendable {
  /// Why devices can't be watched.
  public enum Failure: Error, Hashable, Sendable {
    /// The operating system refused, with this `errno`. Devices that are plugged in later won't be noticed.
    case system(Int32)
  }

  private let wake: Int32
  private let thread: RealtimeThread

  /// Starts to watch.
  /// - Parameter onChange: called on the monitor's thread with the classes in which something changed; at first once with
  ///   all of them, for what happened before. It should return soon.
  public init(onChange: @escaping @Sendable (Set<DeviceClass>) -> Void) throws(Failure) {
    let socket = try KernelEventSocket()
    let wake = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    guard wake >= 0 else { throw .system(errno) }
    let handover = Handover(socket)
    do throws(RealtimeThread.Failure) {
      thread = try RealtimeThread(name: "devices", priority: nil) { context in
        guard let socket = handover.take() else { return }
        onChange(Set(DeviceClass.allCases))
        Self.watch(socket, wake: wake, context: context, onChange: onChange)
      }
    } catch {
      close(wake)
      switch error {
      case .system(let number): throw .system(number)
      }
    }
    self.wake = wake
  }

  deinit {
    eventfd_write(wake, 1)
    thread.stop()
    close(wake)
  }

  private static func watch(
    _ socket: KernelEventSocket, wake: Int32, context: RealtimeThread.Context,
    onChange: (Set<DeviceClass>) -> Void
  ) {
    var coalescer = ChangeCoalescer()
    while true {
      var descriptors = [
        pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
      ]
      let timeout = coalescer.deadline.map { max(($0 - MonotonicClock.now).nanoseconds, 0) / 1_000_000 + 1 } ?? -1
      _ = poll(&descriptors, 2, Int32(clamping: timeout))
      if context.shouldStop || descriptors[1].revents != 0 { return }
      let now = MonotonicClock.now
      while let message = socket.receive() {
        switch message {
        case .event(let event):
          if let deviceClass = DeviceClass(subsystem: event.subsystem) { coalescer.note(deviceClass, at: now) }
        case .lost:
          for deviceClass in DeviceClass.allCases { coalescer.note(deviceClass, at: now) }
        }
      }
      let changed = coalescer.take(at: now)
      if !changed.isEmpty { onChange(changed) }
    }
  }

  /// Carries the socket to the thread, which alone uses it.
  ///
  /// `@unchecked Sendable`: written before the thread starts, read once by the thread.
  private final class Handover: @unchecked Sendable {
    private var socket: KernelEventSocket?

    init(_ socket: KernelEventSocket) { self.socket = socket }

    func take() -> KernelEventSocket? {
      defer { socket = nil }
      return socket
    }
  }
}

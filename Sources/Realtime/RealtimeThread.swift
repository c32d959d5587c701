import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A named thread of its own for work in sample time, scheduled before everything else where the system allows it
/// (`SCHED_FIFO`, which needs `CAP_SYS_NICE` or a limit on real-time priority), and as an ordinary thread where not.
///
/// The body looks at `shouldStop` at least every few periods. `stop()` and the last release wait until it has returned.
public final class RealtimeThread: Sendable {
  /// What the body sees of its thread.
  public final class Context: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let realtime = Atomic<Bool>(false)

    fileprivate init() {}

    /// Whether the body is to return soon.
    public var shouldStop: Bool { stopping.load(ordering: .relaxed) }

    /// Whether the system granted real-time scheduling.
    public var isRealtime: Bool { realtime.load(ordering: .relaxed) }

    fileprivate func requestStop() { stopping.store(true, ordering: .relaxed) }
    fileprivate func noteRealtime() { realtime.store(true, ordering: .relaxed) }
  }

  /// Why a thread could not be started.
  public enum Failure: Error, Equatable, Sendable {
    /// The system refused it, with this error number; too many threads or no memory. Nothing was started.
    case system(Int32)
  }

  private final class Start: Sendable {
    let name: String
    let priority: Int32
    let context: Context
    let body: @Sendable (Context) -> Void

    init(name: String, priority: Int32, context: Context, body: @escaping @Sendable (Context) -> Void) {
      self.name = name
      self.priority = priority
      self.context = context
      self.body = body
    }
  }

  /// The state shared with the body.
  public let context: Context
  /// `pthread_t` until it has been joined.
  private let thread: Mutex<UInt?>

  /// Starts a thread.
  /// - Parameters:
  ///   - name: shown by the system's tools, which see 15 bytes of it.
  ///   - priority: of `SCHED_FIFO`, 1 to 99; nil for an ordinary thread.
  ///   - body: what it does until `shouldStop`.
  public init(
    name: String, priority: Int? = 50, body: @escaping @Sendable (Context) -> Void
  ) throws(Failure) {
    let context = Context()
    self.context = context
    let start = Start(name: name, priority: Int32(clamping: priority ?? 0), context: context, body: body)
    let box = Unmanaged.passRetained(start)
    #if canImport(Musl)
      var id: pthread_t?
    #else
      var id = pthread_t()
    #endif
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    // Codecs work on the stack, and some C libraries give a thread 128 kB only.
    pthread_attr_setstacksize(&attributes, 1 << 20)
    let status = pthread_create(
      &id, &attributes,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        RealtimeThread.prepare(start)
        start.body(start.context)
        return nil
      }, box.toOpaque())
    guard status == 0 else {
      box.release()
      thread = Mutex(nil)
      throw .system(status)
    }
    #if canImport(Musl)
      thread = Mutex(UInt(bitPattern: id))
    #else
      thread = Mutex(UInt(id))
    #endif
  }

  deinit { stop() }

  /// Asks the body to return, and doesn't wait: for a body that must be woken before it looks.
  public func requestStop() { context.requestStop() }

  /// Asks the body to return and waits until it has. Not to be called from the body.
  public func stop() {
    context.requestStop()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    #if canImport(Musl)
      if let id = pthread_t(bitPattern: running) { pthread_join(id, nil) }
    #else
      pthread_join(pthread_t(running), nil)
    #endif
  }

  private static func prepare(_ start: Start) {
    // The C functions that name a thread are extensions or variadic, and so not visible here; the kernel cuts the name.
    if let file = fopen("/proc/thread-self/comm", "w") {
      fputs(start.name, file)
      fclose(file)
    }
    guard start.priority > 0 else { return }
    var parameters = sched_param()
    parameters.sched_priority = min(99, start.priority)
    if pthread_setschedparam(pthread_self(), Int32(SCHED_FIFO), &parameters) == 0 { start.context.noteRealtime() }
  }
}

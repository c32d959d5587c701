import CUSRSCTP
import Glibc
import Realtime

/// usrsctp, of which a process has exactly one: its timers, tables and clock are global, and all is guarded by one
/// lock.
///
/// It runs without threads of its own. Each call on any association first lets the time pass for all of them, so the
/// timers of association A may fire in a call on B; what A then wants to send waits in A's queue until A is polled, at
/// its own next deadline at the latest.
///
/// There is one clock too. In the product all associations live in one time, and this is exact. Tests have many virtual
/// times: an association's time is shifted so that its first call is the stack's present, and shifted forward again
/// whenever another one has moved the present past it. Associations in *different* times that are used *alternately*
/// thus add up: each sees time run faster, by the others' share, and may retransmit too early. Nothing stalls or fails
/// by that, but tests that measure times should run serialized.
enum SCTPStack {
  /// How usrsctp names an association; a number, never a pointer, because it travels to the peer in the state cookie.
  typealias Identifier = UInt

  /// Guards everything below, and all that the callbacks touch.
  private final class Lock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    init() { pthread_mutex_init(mutex, nil) }
    deinit { mutex.deallocate() }
    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
  }

  private static let lock = Lock()
  nonisolated(unsafe) private static var sockets: [Identifier: SCTPSocket] = [:]
  nonisolated(unsafe) private static var lastIdentifier: Identifier = 0
  nonisolated(unsafe) private static var isInitialized = false
  /// The stack's present, and the part of it that was given to the timers in whole milliseconds.
  nonisolated(unsafe) private static var present = Instant(nanoseconds: 0)
  nonisolated(unsafe) private static var timersPresent = Instant(nanoseconds: 0)

  /// Runs `body` alone, at `now` of the time of `socket`, after the timers that are due.
  static func run<Result, Failure: Error>(
    _ socket: SCTPSocket, at now: Instant, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    advance(to: now, of: socket)
    return try LibraryClock.run(at: present, body)
  }

  /// Runs `body` alone, without any time passing.
  static func run<Result>(_ body: () -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return LibraryClock.run(at: present, body)
  }

  private static func advance(to now: Instant, of socket: SCTPSocket) {
    let shift = socket.clockShift ?? (present - now)
    let shifted = now + shift
    socket.clockShift = shifted < present ? shift + (present - shifted) : shift
    present = max(present, shifted)
    let elapsed = UInt32(clamping: (present - timersPresent).nanoseconds / 1_000_000)
    guard elapsed > 0, isInitialized else { return }
    timersPresent = timersPresent + .milliseconds(elapsed)
    LibraryClock.run(at: present) { usrsctp_handle_timers(elapsed) }
  }

  /// Makes `socket` known under a new identifier. Only inside `run`.
  static func register(_ socket: SCTPSocket) -> Identifier {
    if !isInitialized { initialize() }
    lastIdentifier += 1
    sockets[lastIdentifier] = socket
    usrsctp_register_address(address(lastIdentifier))
    return lastIdentifier
  }

  /// Forgets the socket: no callback reaches it any more. Only inside `run`.
  static func unregister(_ identifier: Identifier) {
    usrsctp_deregister_address(address(identifier))
    sockets[identifier] = nil
  }

  /// The socket that usrsctp means. Only inside `run`.
  static func socket(at address: UnsafeMutableRawPointer?) -> SCTPSocket? {
    address.flatMap { sockets[Identifier(bitPattern: $0)] }
  }

  static func address(_ identifier: Identifier) -> UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(bitPattern: identifier)
  }

  private static func initialize() {
    isInitialized = true
    salle_usrsctp_initialize { address, packet, length, _, _ in
      guard let packet, let socket = SCTPStack.socket(at: address) else { return 0 }
      socket.transmit(UnsafeRawBufferPointer(start: packet, count: length))
      return 0
    }
    // Extensions that WebRTC has no use for, so that there is less to attack.
    _ = usrsctp_sysctl_set_sctp_ecn_enable(0)
    _ = usrsctp_sysctl_set_sctp_asconf_enable(0)
    _ = usrsctp_sysctl_set_sctp_auto_asconf(0)
    _ = usrsctp_sysctl_set_sctp_auth_enable(0)
    _ = usrsctp_sysctl_set_sctp_nrsack_enable(0)
    _ = usrsctp_sysctl_set_sctp_pktdrop_enable(0)
    // Packets for no association are not answered.
    _ = usrsctp_sysctl_set_sctp_blackhole(2)
    // ms. Acknowledgements may be delayed by 200 ms (RFC 9260 §6.2), so the minimum stays above that.
    _ = usrsctp_sysctl_set_sctp_rto_initial_default(500)
    _ = usrsctp_sysctl_set_sctp_rto_min_default(400)
    // The maximum is how late data flows again after an outage; so low, many attempts make up the patience that ICE
    // needs to restart: about two minutes.
    _ = usrsctp_sysctl_set_sctp_rto_max_default(2_000)
    _ = usrsctp_sysctl_set_sctp_init_rto_max_default(2_000)
    _ = usrsctp_sysctl_set_sctp_init_rtx_max_default(60)
    _ = usrsctp_sysctl_set_sctp_assoc_rtx_max_default(60)
    _ = usrsctp_sysctl_set_sctp_path_rtx_max_default(60)
    _ = usrsctp_sysctl_set_sctp_max_retran_chunk(0)
    _ = usrsctp_sysctl_set_sctp_delayed_sack_time_default(20)
  }
}

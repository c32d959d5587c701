import CCEC
import Realtime
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Turns a display on and off through HDMI-CEC and keeps track of what it shows, on a thread of its own; looks for its
/// adapter until there is one, and again when it has gone.
///
/// For any thread; nothing waits for the bus.
public final class CECControl: Sendable {
  /// Which adapter.
  public enum Selection: Hashable, Sendable {
    /// The first one.
    case first
    /// The one with this device file.
    case node(String)
    /// The one of this display connector; the first one that doesn't tell where it belongs, if none does.
    case connector(CECDevice.Connector)
  }

  /// What is known of display and bus.
  public struct Status: Hashable, Sendable {
    /// The adapter in use.
    public var device: CECDevice?
    /// Why there is none.
    public var fault: CECError?
    /// Where we are in the tree of HDMI devices, 0x1000 for 1.0.0.0; nil while no display is connected.
    public var physicalAddress: UInt16?
    /// Our number on the bus; nil while we have none.
    public var logicalAddress: UInt8?
    /// What the display said last of its power.
    public var displayPower: CECPowerStatus?
    /// Whether the display shows us.
    public var isActiveSource = false
    /// Messages that nobody acknowledged.
    public var unacknowledged = 0
  }

  enum Command {
    case turnOn, turnOff(always: Bool), yield, look, select(Selection), address(UInt16?)
  }

  /// What callers and the thread share.
  final class Shared: Sendable {
    let commands = Mutex<[Command]>([])
    let status = Mutex(Status())
    /// Readable when there are commands (eventfd(2)).
    let bell: Int32
    let onEvent: @Sendable (CECEvent) -> Void

    init(onEvent: @escaping @Sendable (CECEvent) -> Void) {
      self.onEvent = onEvent
      bell = salle_bell()
    }

    deinit {
      close(bell)
    }

    func ring() {
      var one: UInt64 = 1
      _ = write(bell, &one, 8)
    }
  }

  private let shared: Shared
  private let thread: RealtimeThread

  /// Begins.
  /// - Parameters:
  ///   - selection: which adapter.
  ///   - name: what the display calls us, up to 14 characters of ASCII.
  ///   - vendor: the maker's IEEE identifier; nil for none.
  ///   - onEvent: called on the thread of CEC.
  /// - Throws: when the system gives no thread.
  public init(
    _ selection: Selection = .first, name: String = "Salle", vendor: UInt32? = nil,
    onEvent: @escaping @Sendable (CECEvent) -> Void = { _ in }
  ) throws(RealtimeThread.Failure) {
    let shared = Shared(onEvent: onEvent)
    self.shared = shared
    thread = try RealtimeThread(name: "cec", priority: nil) { context in
      let worker = CECWorker(shared, selection, name: String(name.prefix(14)), vendor: vendor)
      worker.run(context)
    }
  }

  deinit {
    stop()
  }

  /// What is known.
  public var status: Status { shared.status.withLock { $0 } }

  /// Turns the display on and makes it show us.
  public func turnOn() { order(.turnOn) }

  /// Sends the display into standby if it shows us, or whatever it shows.
  public func turnOff(always: Bool = false) { order(.turnOff(always: always)) }

  /// Lets the display show something else.
  public func yieldDisplay() { order(.yield) }

  /// Something was plugged in or out: looks for the adapter.
  public func devicesChanged() { order(.look) }

  /// Takes another adapter.
  public func select(_ selection: Selection) { order(.select(selection)) }

  /// Where the display's EDID says that we are (`CTAExtension.HDMI`), for adapters that can't read it themselves; nil
  /// when it was unplugged.
  public func setPhysicalAddress(_ address: UInt16?) { order(.address(address)) }

  /// Ends the thread. Nothing is sent any more.
  public func stop() {
    thread.stop()
  }

  private func order(_ command: Command) {
    shared.commands.withLock { $0.append(command) }
    shared.ring()
  }
}

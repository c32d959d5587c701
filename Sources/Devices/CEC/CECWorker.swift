import Realtime
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the thread of CEC does. Confined to it.
final class CECWorker {
  /// How often a missing adapter is looked for without being told of a change.
  private static let lookInterval = Duration.seconds(5)
  /// How long the thread sleeps at most, so that it ends when asked.
  private static let longestSleep = Duration.milliseconds(500)

  private let shared: CECControl.Shared
  private let name: String
  private let vendor: UInt32?
  private var selection: CECControl.Selection
  private var physicalAddress: UInt16?
  private var adapter: CECAdapter?
  private var machine = CECPlayback()
  private var nextLook = Instant(nanoseconds: 0)

  init(_ shared: CECControl.Shared, _ selection: CECControl.Selection, name: String, vendor: UInt32?) {
    self.shared = shared
    self.selection = selection
    self.name = name
    self.vendor = vendor
  }

  func run(_ context: RealtimeThread.Context) {
    while !context.shouldStop {
      for command in shared.commands.withLock({ commands in
        defer { commands = [] }
        return commands
      }) { obey(command) }
      do throws(CECError) {
        if adapter == nil, MonotonicClock.now >= nextLook { try look() }
        try send(machine.tick(at: MonotonicClock.now))
        publish()
        try waitAndReceive()
      } catch {
        lose(error)
      }
    }
  }

  private func obey(_ command: CECControl.Command) {
    let now = MonotonicClock.now
    var messages: [CECMessage] = []
    switch command {
    case .turnOn: messages = machine.turnOn(at: now)
    case .turnOff(let always): messages = machine.turnOff(always: always)
    case .yield: messages = machine.yield()
    case .look: nextLook = now
    case .select(let newSelection):
      guard newSelection != selection else { return }
      selection = newSelection
      lose(.absent)
      nextLook = now
    case .address(let address):
      guard address != physicalAddress else { return }
      physicalAddress = address
      lose(.absent)
      nextLook = now
    }
    do throws(CECError) { try send(messages) } catch { lose(error) }
  }

  private func look() throws(CECError) {
    nextLook = MonotonicClock.now + Self.lookInterval
    let devices = CECDevice.enumerate()
    let path: String? =
      switch selection {
      case .first: devices.first?.node
      case .node(let node): node
      case .connector(let connector):
        (devices.first { $0.connector == connector } ?? devices.first { $0.connector == nil })?.node
      }
    guard let path else { throw .absent }
    let found = try CECAdapter(path: path)
    try found.configure(name: name, vendor: vendor, physicalAddress: physicalAddress)
    adapter = found
    shared.status.withLock { $0.fault = nil }
    try takeAddresses()
  }

  private func lose(_ error: CECError) {
    adapter = nil
    _ = machine.setAddresses(physical: nil, logical: nil, at: MonotonicClock.now)
    shared.status.withLock { $0.fault = error }
    publish()
  }

  private func takeAddresses() throws(CECError) {
    guard let adapter else { return }
    let addresses = try adapter.addresses()
    let logical = addresses.physical == nil ? nil : addresses.logical
    try send(machine.setAddresses(physical: addresses.physical, logical: logical, at: MonotonicClock.now))
  }

  private func send(_ messages: [CECMessage]) throws(CECError) {
    guard let adapter else { return }
    for message in messages {
      // Between two messages the display may have gone: then there is nobody to send as.
      do throws(CECError) {
        if try !adapter.send(message) { shared.status.withLock { $0.unacknowledged += 1 } }
      } catch .system(ENONET) {
        return try takeAddresses()
      }
    }
  }

  /// Waits for the bus, a command or the next thing to do, and deals with what the bus brings.
  private func waitAndReceive() throws(CECError) {
    let now = MonotonicClock.now
    let wake = min(machine.deadline ?? .distantFuture, adapter == nil ? nextLook : .distantFuture)
    let sleep = max(min(wake - now, Self.longestSleep), .zero)
    var files = [
      pollfd(fd: shared.bell, events: Int16(POLLIN), revents: 0),
      pollfd(fd: adapter?.descriptor ?? -1, events: Int16(POLLIN | POLLPRI), revents: 0),
    ]
    let milliseconds = Int32(clamping: (sleep.nanoseconds + 999_999) / 1_000_000)
    guard poll(&files, 2, milliseconds) > 0 else { return }
    if files[0].revents != 0 {
      var count: UInt64 = 0
      _ = read(shared.bell, &count, 8)
    }
    guard let adapter else { return }
    let found = Int32(files[1].revents)
    if found & POLLPRI != 0, try adapter.takeEvent() { try takeAddresses() }
    if found & POLLIN != 0, let message = try adapter.receive() { try send(machine.receive(message)) }
    if found & (POLLERR | POLLHUP | POLLNVAL) != 0 { throw .absent }
  }

  private func publish() {
    let (machine, device) = (machine, adapter?.device)
    shared.status.withLock { status in
      status.device = device
      status.physicalAddress = machine.physicalAddress
      status.logicalAddress = machine.logicalAddress
      status.displayPower = machine.displayPower
      status.isActiveSource = machine.isActiveSource
    }
    for event in self.machine.takeEvents() { shared.onEvent(event) }
  }
}

import Realtime

/// Makes one report of the many events that a single plug causes: a class of devices is reported when it has been quiet for
/// a moment, or when it doesn't become quiet. Reads no clock.
struct ChangeCoalescer: Sendable {
  /// How long a class must be quiet. Nodes get their final access rights some milliseconds after the kernel's event.
  static let quiet = Duration.milliseconds(60)
  /// How long a report may be put off.
  static let limit = Duration.milliseconds(300)

  private struct Pending {
    var first: Instant
    var last: Instant

    var due: Instant { min(last + ChangeCoalescer.quiet, first + ChangeCoalescer.limit) }
  }

  private var pending: [DeviceClass: Pending] = [:]

  /// Notes an event about a device of `deviceClass`.
  mutating func note(_ deviceClass: DeviceClass, at now: Instant) {
    pending[deviceClass, default: Pending(first: now, last: now)].last = now
  }

  /// When `take` will have something; nil if nothing waits.
  var deadline: Instant? { pending.values.map(\.due).min() }

  /// The classes to be reported now.
  mutating func take(at now: Instant) -> Set<DeviceClass> {
    let ready = pending.filter { $0.value.due <= now }
    for deviceClass in ready.keys { pending[deviceClass] = nil }
    return Set(ready.keys)
  }
}

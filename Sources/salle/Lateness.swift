import Realtime
import Synchronization

/// Whether a count of mishaps has grown within the last minute.
final class Lateness: Sendable {
  private static let memory = Duration.seconds(60)

  private let state = Mutex((count: 0, grownAt: Instant?.none))

  /// Takes in the count at `now`.
  func isLate(_ count: Int, at now: Instant) -> Bool {
    state.withLock { state in
      if count > state.count { state.grownAt = now }
      state.count = count
      return state.grownAt.map { now < $0 + Self.memory } ?? false
    }
  }
}

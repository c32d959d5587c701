import Realtime

/// Slows down whoever guesses: after each wrong password a name must wait, twice as long each time.
///
/// The wait is bounded, so that a guesser keeps the owner out for a minute at most. A value without clock.
struct LoginLimiter {
  /// Wrong passwords that cost no wait: people mistype.
  static let freeAttempts = 2
  /// The wait after the first wrong password that costs one.
  static let firstWait = Duration.seconds(1)
  /// The longest wait.
  static let longestWait = Duration.seconds(60)
  /// After so long without a wrong password all is forgotten.
  static let memory = Duration.seconds(3_600)

  private struct Record {
    var failures = 0
    var last: Instant
    var until: Instant
  }

  private var records: [String: Record] = [:]

  /// Whether `name` may try now.
  func admits(_ name: String, at now: Instant) -> Bool { records[name].map { $0.until <= now } ?? true }

  /// Notes a wrong password.
  mutating func noteFailure(of name: String, at now: Instant) {
    var record = records[name] ?? Record(last: now, until: now)
    if record.last + Self.memory < now { record.failures = 0 }
    record.failures += 1
    record.last = now
    let doublings = record.failures - Self.freeAttempts - 1
    if doublings >= 0 { record.until = now + min(Self.firstWait * (1 << min(doublings, 16)), Self.longestWait) }
    records[name] = record
  }

  /// Notes a right one.
  mutating func noteSuccess(of name: String) { records[name] = nil }
}

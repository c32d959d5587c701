import Realtime

/// Decides which missing packets to ask for, when, and when to give them up (RFC 4585 section 6.2.1).
///
/// A gap is asked for when it is 10 ms old or three later packets have come, since until then it may be reordering.
/// While it stays it is asked for again after at least a round trip, each time a round trip later than the time before,
/// as a request may be lost as well as a packet.
public struct NACKGenerator: Sendable {
  /// When a missing packet is given up.
  public struct Policy: Hashable, Sendable {
    /// The age of a gap at which it isn't worth closing any more.
    public var maximumAge: Duration
    /// How often a packet is asked for at most.
    public var maximumAttempts: Int
    /// How many packets may be missing at one time; beyond it nothing is asked for but a key frame.
    public var maximumMissing: Int

    /// A policy with these limits.
    public init(maximumAge: Duration, maximumAttempts: Int = 10, maximumMissing: Int = 1_000) {
      self.maximumAge = maximumAge
      self.maximumAttempts = max(maximumAttempts, 1)
      self.maximumMissing = max(maximumMissing, 1)
    }

    /// For video, whose decoder can wait: the picture freezes, but a key frame costs more.
    public static let video = Policy(maximumAge: .seconds(1))
    /// For audio, which is concealed after a while.
    public static let audio = Policy(maximumAge: .milliseconds(240), maximumAttempts: 4, maximumMissing: 100)
  }

  static let reorderingTime = Duration.milliseconds(10)
  static let reorderingCount: Int64 = 3
  static let minimumInterval = Duration.milliseconds(20)
  /// The interval while the round trip isn't known, and the most that one round trip counts.
  static let defaultInterval = Duration.milliseconds(100)
  static let maximumRoundTrip = Duration.milliseconds(500)
  static let maximumBackOff = 4

  private struct Missing {
    var sequenceNumber: Int64
    var since: Instant
    var nextAttempt: Instant
    var attempts = 0
  }

  private let policy: Policy
  // In ascending order. An array, as there are few, and most often the oldest or the newest one goes.
  private var missing: [Missing] = []
  private var highest: Int64?

  /// What a round trip takes; nil while unknown.
  public var roundTripTime: Duration?
  /// When `poll` has something to do next.
  public private(set) var nextDeadline = Instant.distantFuture

  /// A generator that has seen no packet.
  public init(policy: Policy) {
    self.policy = policy
    missing.reserveCapacity(policy.maximumMissing)
  }

  /// How many packets are missing and not given up.
  public var missingCount: Int { missing.count }

  /// Notes that packet `sequenceNumber` came, padding as well as media. Returns what is given up because too much is
  /// missing; nil usually.
  ///
  /// `isMissing` tells whether the packet had been missed, and `wasRequested` whether it had been asked for.
  mutating func receive(
    _ sequenceNumber: Int64, at now: Instant
  ) -> (isMissing: Bool, wasRequested: Bool, abandoned: ClosedRange<Int64>?) {
    guard let highest else {
      self.highest = sequenceNumber
      return (false, false, nil)
    }
    if sequenceNumber <= highest {
      let index = index(of: sequenceNumber)
      guard index < missing.count, missing[index].sequenceNumber == sequenceNumber else { return (false, false, nil) }
      let wasRequested = missing[index].attempts > 0
      missing.remove(at: index)
      return (true, wasRequested, nil)
    }
    self.highest = sequenceNumber
    let gap = sequenceNumber - highest - 1
    if Int64(missing.count) + gap > Int64(policy.maximumMissing) {
      let first = missing.first?.sequenceNumber ?? highest + 1
      missing.removeAll(keepingCapacity: true)
      nextDeadline = .distantFuture
      return (false, false, first...sequenceNumber - 1)
    }
    var number = highest + 1
    while number < sequenceNumber {
      missing.append(Missing(sequenceNumber: number, since: now, nextAttempt: now + Self.reorderingTime))
      number += 1
    }
    hasten(at: now)
    return (false, false, nil)
  }

  /// Forgets packets before `sequenceNumber`: nobody waits for them any more, as a key frame came after them.
  public mutating func removeAll(before sequenceNumber: Int64) {
    missing.removeFirst(index(of: sequenceNumber))
    schedule()
  }

  /// Forgets all: the source began anew with `sequenceNumber`.
  mutating func restart(at sequenceNumber: Int64) {
    missing.removeAll(keepingCapacity: true)
    highest = sequenceNumber
    nextDeadline = .distantFuture
  }

  /// Calls `request` with each packet that is to be asked for now, in their order, and `abandon` with each that is
  /// given up. `request` returns whether there was room; what there was no room for remains due.
  mutating func poll(at now: Instant, request: (Int64) -> Bool, abandon: (Int64) -> Void) {
    guard now >= nextDeadline else { return }
    var kept = 0
    var hasRoom = true
    for index in missing.indices {
      var entry = missing[index]
      let isExhausted = entry.attempts >= policy.maximumAttempts && entry.nextAttempt <= now
      if isExhausted || now - entry.since >= policy.maximumAge {
        abandon(entry.sequenceNumber)
        continue
      }
      if hasRoom, entry.nextAttempt <= now {
        hasRoom = request(entry.sequenceNumber)
        if hasRoom {
          entry.attempts += 1
          entry.nextAttempt = now + interval(after: entry.attempts)
        }
      }
      missing[kept] = entry
      kept += 1
    }
    missing.removeLast(missing.count - kept)
    schedule()
  }

  private func interval(after attempts: Int) -> Duration {
    let roundTrip = min(roundTripTime ?? Self.defaultInterval, Self.maximumRoundTrip)
    return max(roundTrip, Self.minimumInterval) * min(attempts, Self.maximumBackOff)
  }

  // What three later packets have overtaken is lost, not reordered.
  private mutating func hasten(at now: Instant) {
    guard let highest, !missing.isEmpty else { return }
    var index = missing.count - 1
    while index >= 0, missing[index].attempts == 0 {
      if missing[index].sequenceNumber + Self.reorderingCount <= highest {
        guard missing[index].nextAttempt > now else { break }
        missing[index].nextAttempt = now
      }
      index -= 1
    }
    schedule()
  }

  private mutating func schedule() {
    nextDeadline = .distantFuture
    for entry in missing {
      nextDeadline = min(nextDeadline, min(entry.nextAttempt, entry.since + policy.maximumAge))
    }
  }

  // The index of the first entry that isn't before `sequenceNumber`.
  private func index(of sequenceNumber: Int64) -> Int {
    var low = 0
    var high = missing.count
    while low < high {
      let middle = (low + high) / 2
      if missing[middle].sequenceNumber < sequenceNumber { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

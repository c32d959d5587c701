/// Extends a source's sequence numbers to 64 bits and notices its restarts (RFC 3550 appendix A.1).
///
/// Unlike A.1 there is no probation: SRTP has authenticated the packet, and a key frame's first packet must not be lost.
struct RTPSequenceTracker {
  enum Position: Hashable {
    /// Later than every packet before it.
    case newest
    /// Earlier than the newest one.
    case older
    /// The first one after the source began anew: the numbers continue, but nothing before it matters any more.
    case restart
    /// Too far from the others; whether the source began anew, the next packet tells.
    case implausible
  }

  /// Packets that may be lost in a row: A.1's MAX_DROPOUT.
  static let maximumDropout: Int64 = 3_000
  /// Packets by which one may be late without its timestamp speaking for it: A.1's MAX_MISORDER.
  static let maximumMisorder: Int64 = 100
  /// Packets by which one may be late at all: repeats of what the other end still remembers.
  static let maximumAge: Int64 = 4_000
  /// Seconds by which a repeated packet may be older than the newest.
  static let maximumRepeatAge: UInt32 = 30

  /// The highest number so far; nil before the first packet.
  private(set) var highest: Int64?
  private var newestTimestamp: UInt32 = 0
  private var expectedAfterJump: UInt16?
  private let clockRate: UInt32

  init(clockRate: UInt32) {
    self.clockRate = clockRate
  }

  /// The extended number that `sequenceNumber` most probably stands for; nil before the first packet.
  func extend(_ sequenceNumber: UInt16) -> Int64? {
    guard let highest else { return nil }
    return highest + Int64(Int16(bitPattern: sequenceNumber &- UInt16(truncatingIfNeeded: highest)))
  }

  /// Takes in a packet that came on the source itself; its extended number is valid unless it is implausible.
  mutating func receive(_ sequenceNumber: UInt16, timestamp: UInt32) -> (Position, Int64) {
    guard let highest, let extended = extend(sequenceNumber) else {
      // So that a number below the first one, a reordered packet's, isn't negative.
      let first = Int64(sequenceNumber) + 0x1_0000
      advance(to: first, timestamp: timestamp)
      return (.newest, first)
    }
    let distance = extended - highest
    if distance > 0, distance < Self.maximumDropout {
      advance(to: extended, timestamp: timestamp)
      return (.newest, extended)
    }
    if distance <= 0, -distance <= Self.maximumMisorder || isRepeat(distance, timestamp) {
      return (.older, extended)
    }
    guard expectedAfterJump == sequenceNumber else {
      expectedAfterJump = sequenceNumber &+ 1
      return (.implausible, extended)
    }
    // Two packets in sequence: a new beginning. The number before it may still come late.
    let restarted = highest + 1 + Int64(sequenceNumber &- UInt16(truncatingIfNeeded: highest + 1))
    advance(to: restarted, timestamp: timestamp)
    return (.restart, restarted)
  }

  private mutating func advance(to extended: Int64, timestamp: UInt32) {
    highest = extended
    newestTimestamp = timestamp
    expectedAfterJump = nil
  }

  // A source that begins anew has a timestamp of its own; one that repeats a packet repeats its timestamp.
  private func isRepeat(_ distance: Int64, _ timestamp: UInt32) -> Bool {
    -distance <= Self.maximumAge && newestTimestamp &- timestamp <= Self.maximumRepeatAge &* clockRate
  }
}

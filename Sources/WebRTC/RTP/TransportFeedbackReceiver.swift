import Realtime

/// The receiving half of transport-wide congestion control: notes when packets arrive and tells the sender
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
///
/// Feedback goes out every 100 ms while packets come, and earlier when many have come.
public struct TransportFeedbackReceiver: Sendable {
  /// The time between feedback messages.
  public static let interval = Duration.milliseconds(100)
  /// Packets after which feedback goes out earlier.
  public static let maximumUnreported: Int64 = 256
  /// How many packets a late one may be behind and still be told of. A power of two.
  static let windowSize: Int64 = 2_048
  static let never = Int64.min

  // Arrivals in microseconds, over extended sequence numbers.
  private var arrivals = [Int64](repeating: never, count: Int(windowSize))
  private var highest: Int64?
  // The first packet that the next feedback tells of.
  private var nextReported: Int64 = 0
  private var mediaSSRC: UInt32 = 0
  private var feedbackCount: UInt8 = 0
  private var builder = TransportFeedbackBuilder()

  /// When `poll` has something to do next.
  public private(set) var nextDeadline = Instant.distantFuture

  /// A receiver that has noted nothing.
  public init() {}

  /// Notes that the packet `sequenceNumber` of the transport, which belongs to the stream `ssrc`, arrived.
  public mutating func receive(_ sequenceNumber: UInt16, ssrc: UInt32, at now: Instant) {
    mediaSSRC = ssrc
    let arrival = now.nanoseconds / 1_000
    guard let highest else {
      begin(at: Int64(sequenceNumber) + 0x1_0000, arrival)
      schedule(at: now)
      return
    }
    let number = highest + Int64(Int16(bitPattern: sequenceNumber &- UInt16(truncatingIfNeeded: highest)))
    if number - highest >= Self.windowSize || highest - number >= Self.windowSize {
      // The sender began anew, or was away for so long that what is missing doesn't matter.
      begin(at: number, arrival)
      schedule(at: now)
      return
    }
    if number > highest {
      for skipped in highest + 1...number { arrivals[Self.index(skipped)] = Self.never }
      self.highest = number
    }
    guard arrivals[Self.index(number)] == Self.never else { return }
    arrivals[Self.index(number)] = arrival
    // What was reported as missing is reported again, with all after it.
    nextReported = max(min(nextReported, number), max(number, highest) - Self.windowSize + 1)
    schedule(at: now)
  }

  /// Writes feedback from `senderSSRC` when it is due. False when there is more to write than there was room for: call
  /// again with an empty writer.
  public mutating func poll(at now: Instant, senderSSRC: UInt32, to writer: inout RTCPWriter) -> Bool {
    guard now >= nextDeadline, let highest else { return true }
    while true {
      guard nextReported <= highest else { break }
      // A message may begin with missing packets; its reference time is that of the first one that came, and the
      // highest one always did.
      let first = nextReported
      var arrived = first
      while arrivals[Self.index(arrived)] == Self.never, arrived < highest { arrived += 1 }
      let room = writer.feedbackRoom
      builder.begin(base: UInt16(truncatingIfNeeded: first), arrival: arrivals[Self.index(arrived)])
      var number = first
      while number <= highest {
        let arrival = arrivals[Self.index(number)]
        guard builder.add(arrival: arrival == Self.never ? nil : arrival, room: room) else { break }
        number += 1
      }
      guard builder.statusCount > 0,
        builder.write(to: &writer, senderSSRC: senderSSRC, mediaSSRC: mediaSSRC, feedbackCount: feedbackCount)
      else {
        // Not even an empty datagram would hold it: a limit too low for any feedback.
        if writer.isEmpty { nextReported = highest + 1 }
        return writer.isEmpty
      }
      feedbackCount &+= 1
      nextReported = number
    }
    nextDeadline = .distantFuture
    return true
  }

  private mutating func begin(at number: Int64, _ arrival: Int64) {
    for index in arrivals.indices { arrivals[index] = Self.never }
    arrivals[Self.index(number)] = arrival
    highest = number
    nextReported = number
  }

  private mutating func schedule(at now: Instant) {
    if let highest, highest - nextReported >= Self.maximumUnreported {
      nextDeadline = now
    } else if nextDeadline == .distantFuture {
      nextDeadline = now + Self.interval
    }
  }

  private static func index(_ number: Int64) -> Int { Int(number & (windowSize - 1)) }
}

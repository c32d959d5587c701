import Realtime

/// What became of a sent packet, according to transport-wide feedback.
public struct TransportFeedbackResult: Hashable, Sendable {
  /// The packet's number, extended.
  public var sequenceNumber: Int64
  /// Bytes that were sent.
  public var byteCount: Int
  /// When it was sent.
  public var sentAt: Instant
  /// When it arrived, in microseconds of the receiver's clock, whose zero is arbitrary; nil when it hadn't arrived.
  public var arrival: Int64?
}

/// The sending half of transport-wide congestion control: numbers the transport's packets and joins feedback with when
/// they were sent (draft-holmer-rmcat-transport-wide-cc-extensions-01).
public struct TransportFeedbackSender: Sendable {
  /// How many packets are remembered: 4 s at 1,000 packets per second. A power of two.
  static let windowSize: Int64 = 4_096
  /// The span over which the acknowledged bitrate is measured, in microseconds.
  static let bitrateSpan: Int64 = 500_000

  private struct Sent {
    var sequenceNumber: Int64 = -1
    var byteCount: Int32 = 0
    var sentAt = Instant(nanoseconds: 0)
  }

  private var sent = [Sent](repeating: Sent(), count: Int(windowSize))
  private var next: Int64 = 0
  private var referenceTime: Int64?
  private var bitrateStart: Int64?
  private var bitrateBytes: Int64 = 0

  /// Bits per second that arrive at the receiver, without headers below RTP; nil until half a second was acknowledged.
  public private(set) var acknowledgedBitrate: Double?
  /// When the newest acknowledged packet was sent and its feedback came: a round trip, plus the receiver's waiting.
  public private(set) var feedbackDelay: Duration?

  /// A sender whose first packet has the number 0.
  public init() {}

  /// Gives the number for a packet of `byteCount` bytes that is sent now, to be written into its header extension.
  public mutating func send(byteCount: Int, at now: Instant) -> UInt16 {
    sent[Self.index(next)] = Sent(sequenceNumber: next, byteCount: Int32(clamping: byteCount), sentAt: now)
    next += 1
    return UInt16(truncatingIfNeeded: next - 1)
  }

  /// Takes in `feedback` and calls `visit` for each packet that it tells of and that is remembered, in their order.
  ///
  /// A packet that arrived is visited once. One that didn't may be visited several times, and at last as arrived.
  public mutating func receive(
    _ feedback: TransportFeedback, at now: Instant, visit: (TransportFeedbackResult) -> Void
  ) {
    guard next > 0 else { return }
    // The numbers are close to the last one sent, and never after it.
    let last = next - 1
    let base = last - Int64(UInt16(truncatingIfNeeded: last) &- feedback.baseSequenceNumber)
    let reference = extend(feedback.referenceTime) * TransportFeedback.referenceUnit
    var number = base - 1
    for status in feedback {
      number += 1
      guard number >= 0, number < next else { continue }
      let index = Self.index(number)
      guard sent[index].sequenceNumber == number else { continue }
      var result = TransportFeedbackResult(
        sequenceNumber: number, byteCount: Int(sent[index].byteCount), sentAt: sent[index].sentAt)
      if let arrival = status.arrival {
        result.arrival = reference + arrival
        sent[index].sequenceNumber = -1
        feedbackDelay = now - result.sentAt
        count(result.byteCount, arrival: reference + arrival)
      }
      visit(result)
    }
  }

  // The 24 bits of the reference time last 12 days; they are taken as close to those before.
  private mutating func extend(_ time: UInt32) -> Int64 {
    guard let referenceTime else {
      self.referenceTime = Int64(time)
      return Int64(time)
    }
    let difference = Int32(bitPattern: (time &- UInt32(truncatingIfNeeded: referenceTime)) << 8) >> 8
    let extended = referenceTime + Int64(difference)
    self.referenceTime = extended
    return extended
  }

  private mutating func count(_ byteCount: Int, arrival: Int64) {
    guard let bitrateStart else {
      // The first packet only begins the span.
      bitrateStart = arrival
      return
    }
    bitrateBytes += Int64(byteCount)
    let span = arrival - bitrateStart
    guard span >= Self.bitrateSpan || span < -Self.bitrateSpan else { return }
    if span > 0 { acknowledgedBitrate = Double(bitrateBytes) * 8_000_000 / Double(span) }
    self.bitrateStart = arrival
    bitrateBytes = 0
  }

  private static func index(_ number: Int64) -> Int { Int(number & (windowSize - 1)) }
}

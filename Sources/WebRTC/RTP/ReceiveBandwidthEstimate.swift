import Realtime

/// How much video a receiver tells its sender to send, as REMB.
///
/// It only reacts to loss, which is enough not to starve and not to drown a path: twice the incoming bitrate is allowed
/// as long as nearly nothing is lost, so that the sender can grow; of what comes with much loss less is allowed
/// (the loss-based rule of draft-ietf-rmcat-gcc-02 section 6, applied at the receiver). It doesn't see delay grow before
/// packets are lost.
public struct ReceiveBandwidthEstimate: Sendable {
  /// Bits per second that are allowed at first, and always when nothing is lost.
  public static let initialBitrate = 5_000_000.0
  /// The least that is ever allowed, bits per second: one small layer of video.
  public static let minimumBitrate = 150_000.0
  /// The most that is ever allowed, bits per second.
  public static let maximumBitrate = 100_000_000.0
  /// The span over which bitrate and loss are measured, and the time between reports.
  public static let interval = Duration.seconds(1)

  private var intervalStart: Instant?
  private var byteCount = 0
  private var receivedCount = 0
  private var lostCount = 0

  /// Bits per second that came in the last interval.
  public private(set) var incomingBitrate = 0.0
  /// The fraction of packets lost in the last interval, 0…1.
  public private(set) var lossFraction = 0.0
  /// Bits per second to report.
  public private(set) var bitrate = initialBitrate
  /// When `poll` has something to do next; the first time with the first packet.
  public private(set) var nextDeadline = Instant.distantFuture

  /// An estimate before the first packet.
  public init() {}

  /// Counts a packet of video of `byteCount` bytes, retransmissions included.
  public mutating func receive(byteCount: Int, at now: Instant) {
    if intervalStart == nil {
      intervalStart = now
      nextDeadline = now
    }
    self.byteCount &+= byteCount
    receivedCount &+= 1
  }

  /// Counts `count` packets that were found missing: by how much the streams' `cumulativeLost` grew.
  public mutating func lose(_ count: Int) {
    lostCount &+= max(count, 0)
  }

  /// The bitrate to report when a report is due; nil else.
  public mutating func poll(at now: Instant) -> UInt64? {
    guard now >= nextDeadline, let start = intervalStart else { return nil }
    nextDeadline = now + Self.interval
    let span = (now - start).seconds
    if span > 0 {
      update(span: span)
      intervalStart = now
      byteCount = 0
      receivedCount = 0
      lostCount = 0
    }
    return UInt64(bitrate)
  }

  private mutating func update(span: Double) {
    incomingBitrate = Double(byteCount) * 8 / span
    let total = receivedCount + lostCount
    lossFraction = total > 0 ? Double(lostCount) / Double(total) : 0
    if lossFraction > 0.1 {
      bitrate = incomingBitrate * (1 - 0.5 * lossFraction)
    } else if lossFraction < 0.02 {
      bitrate = max(bitrate * 1.08, min(2 * incomingBitrate, bitrate * 1.5))
    }
    // Without traffic to show that it arrives, no more than at first is promised.
    let ceiling = max(Self.initialBitrate, 2 * incomingBitrate)
    bitrate = min(max(min(bitrate, ceiling), Self.minimumBitrate), Self.maximumBitrate)
  }
}

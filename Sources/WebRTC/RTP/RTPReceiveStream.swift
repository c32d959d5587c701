import DequeModule
import Realtime

/// One received media stream: an SSRC and, where negotiated, the RTX SSRC that repairs it (RFC 4588).
///
/// It puts packets onto one endless line of extended sequence numbers, has missing ones sent again, and measures what a
/// receiver report says. It doesn't reorder: the frame assembler or jitter buffer does.
///
/// The owner calls `receive` for each packet, then takes what was given up with `nextAbandoned`, and calls
/// `pollFeedback` when `nextDeadline` has come.
public final class RTPReceiveStream {
  /// What is negotiated for a stream.
  public struct Configuration: Sendable {
    /// The media's SSRC.
    public var ssrc: UInt32
    /// The media's clock, Hz.
    public var clockRate: UInt32
    /// The SSRC of retransmissions; nil when RTX isn't negotiated, or not known yet.
    public var retransmissionSSRC: UInt32?
    /// For each payload type of RTX the media's (`apt`).
    public var retransmissionPayloadTypes: [UInt8: UInt8]
    /// When missing packets are asked for and given up; nil when NACK isn't negotiated.
    public var nackPolicy: NACKGenerator.Policy?

    /// A stream `ssrc` of `clockRate` Hz, without retransmission.
    public init(
      ssrc: UInt32, clockRate: UInt32, retransmissionSSRC: UInt32? = nil,
      retransmissionPayloadTypes: [UInt8: UInt8] = [:], nackPolicy: NACKGenerator.Policy? = nil
    ) {
      self.ssrc = ssrc
      self.clockRate = max(clockRate, 1)
      self.retransmissionSSRC = retransmissionSSRC
      self.retransmissionPayloadTypes = retransmissionPayloadTypes
      self.nackPolicy = nackPolicy
    }
  }

  /// The time between requests for a key frame that doesn't come: LiveKit passes one on every 500 ms at most.
  public static let keyFrameRequestInterval = Duration.milliseconds(500)
  // Ranges given up that nobody has taken yet; more are joined.
  static let maximumAbandonedRanges = 64

  /// What was negotiated.
  public let configuration: Configuration
  /// The SSRC of retransmissions, which may become known only with their first packet.
  public var retransmissionSSRC: UInt32?

  private var tracker: RTPSequenceTracker
  private var received = ReceivedSequenceSet()
  private var statistics: RTPReceiveStatistics
  private var retransmissionTracker: RTPSequenceTracker
  private var retransmissionStatistics: RTPReceiveStatistics
  private var nack: NACKGenerator?
  private var abandoned = Deque<ClosedRange<Int64>>()
  private var wantsKeyFrame = false
  private var nextKeyFrameRequest = Instant(nanoseconds: .min)
  private var senderReport: (information: SenderInformation, receivedAt: Instant)?

  /// Packets that came on the media SSRC, repeats included.
  public private(set) var packetCount: UInt64 = 0
  /// Bytes of payload that came for the first time, by whichever SSRC.
  public private(set) var octetCount: UInt64 = 0
  /// Packets that were missing and came by a retransmission.
  public private(set) var recoveredCount: UInt64 = 0
  /// Packets given up.
  public private(set) var abandonedCount: UInt64 = 0

  /// A stream that has received nothing.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
    retransmissionSSRC = configuration.retransmissionSSRC
    tracker = RTPSequenceTracker(clockRate: configuration.clockRate)
    statistics = RTPReceiveStatistics(clockRate: configuration.clockRate)
    retransmissionTracker = RTPSequenceTracker(clockRate: configuration.clockRate)
    retransmissionStatistics = RTPReceiveStatistics(clockRate: configuration.clockRate)
    nack = configuration.nackPolicy.map { NACKGenerator(policy: $0) }
    abandoned.reserveCapacity(Self.maximumAbandonedRanges)
  }

  /// What a round trip takes; nil while unknown. Spaces the repetition of NACKs.
  public var roundTripTime: Duration? {
    didSet { nack?.roundTripTime = roundTripTime }
  }

  /// Interarrival jitter (RFC 3550 section 6.4.1).
  public var jitter: Duration {
    .nanoseconds(Int64(statistics.jitter) * 1_000_000_000 / Int64(configuration.clockRate))
  }

  /// Packets that never came on the media SSRC (RFC 3550 section 6.4.1).
  public var cumulativeLost: Int64 { statistics.cumulativeLost }

  /// How many packets are missing and may still come.
  public var missingCount: Int { nack?.missingCount ?? 0 }

  // MARK: - Packets

  /// Takes in the packet `bytes`, decrypted, with its parsed `header`, of one of the stream's SSRCs.
  public func receive(_ header: RTPHeader, _ bytes: UnsafeRawBufferPointer, at now: Instant) -> ReceivedRTPPacket {
    if header.ssrc == configuration.ssrc { return receiveMedia(header, at: now) }
    if header.ssrc == retransmissionSSRC { return receiveRetransmission(header, bytes, at: now) }
    return ReceivedRTPPacket(.discarded, header, 0)
  }

  private func receiveMedia(_ header: RTPHeader, at now: Instant) -> ReceivedRTPPacket {
    let (position, number) = tracker.receive(header.sequenceNumber, timestamp: header.timestamp)
    switch position {
    case .implausible: return ReceivedRTPPacket(.discarded, header, number)
    case .restart: restart(at: number)
    case .newest, .older: break
    }
    packetCount &+= 1
    statistics.receive(number, timestamp: header.timestamp, isInOrder: position != .older, at: now)
    var packet = accept(header, number, at: now)
    packet.isRestart = position == .restart
    return packet
  }

  // RFC 4588 section 4: the payload begins with the original sequence number.
  private func receiveRetransmission(
    _ header: RTPHeader, _ bytes: UnsafeRawBufferPointer, at now: Instant
  ) -> ReceivedRTPPacket {
    let (position, number) = retransmissionTracker.receive(header.sequenceNumber, timestamp: header.timestamp)
    if position == .restart { retransmissionStatistics.restart(at: number) }
    if position != .implausible { retransmissionStatistics.receive(number, timestamp: header.timestamp, at: now) }

    let range = header.payload.bytes(of: bytes)
    guard range.count >= 2 else { return ReceivedRTPPacket(.discarded, header, 0) }
    guard let payloadType = configuration.retransmissionPayloadTypes[header.payloadType] else {
      return ReceivedRTPPacket(.discarded, header, 0)
    }
    var original = header
    original.ssrc = configuration.ssrc
    original.payloadType = payloadType
    original.sequenceNumber = range.networkUInt16(at: 0)
    original.payload.offset += 2
    original.payload.count -= 2
    original.extensions.rid = header.extensions.repairedRid ?? header.extensions.rid
    original.extensions.repairedRid = nil
    // Before the media there is nothing to repair. A little after the newest packet it may be the last one of a burst;
    // far after it, it can't be a repeat.
    guard let highest = tracker.highest, let originalNumber = tracker.extend(original.sequenceNumber),
      originalNumber <= highest + RTPSequenceTracker.maximumMisorder
    else { return ReceivedRTPPacket(.discarded, original, 0) }
    var packet = accept(original, originalNumber, at: now)
    if packet.kind == .media {
      packet.kind = .recovered
      recoveredCount &+= 1
    }
    return packet
  }

  private func accept(_ header: RTPHeader, _ number: Int64, at now: Instant) -> ReceivedRTPPacket {
    guard received.insert(number) else { return ReceivedRTPPacket(.duplicate, header, number) }
    var isRecovered = false
    if let result = nack?.receive(number, at: now) {
      isRecovered = result.wasRequested
      if let range = result.abandoned {
        abandon(range)
        requestKeyFrame()
      }
    }
    guard header.payload.count > 0 else { return ReceivedRTPPacket(.padding, header, number) }
    octetCount &+= UInt64(header.payload.count)
    // By RTX the caller counts it; on the media SSRC only one that was asked for is a repeat and not reordered.
    if isRecovered, retransmissionSSRC == nil {
      recoveredCount &+= 1
      return ReceivedRTPPacket(.recovered, header, number)
    }
    return ReceivedRTPPacket(.media, header, number)
  }

  private func restart(at number: Int64) {
    received.removeAll()
    statistics.restart(at: number)
    nack?.restart(at: number)
    abandoned.removeAll(keepingCapacity: true)
    senderReport = nil
  }

  // MARK: - Loss

  /// The next range in which packets that are still missing won't come; nil when there is none. Take them all after
  /// each `receive` and `pollFeedback`.
  public func nextAbandoned() -> ClosedRange<Int64>? { abandoned.isEmpty ? nil : abandoned.removeFirst() }

  /// Forgets missing packets before `sequenceNumber`, that of a key frame's first packet: they aren't needed any more.
  public func removeMissing(before sequenceNumber: Int64) {
    nack?.removeAll(before: sequenceNumber)
  }

  private func abandon(_ range: ClosedRange<Int64>) {
    abandonedCount &+= UInt64(range.count)
    guard let last = abandoned.last,
      last.upperBound + 1 == range.lowerBound || abandoned.count >= Self.maximumAbandonedRanges
    else {
      abandoned.append(range)
      return
    }
    abandoned[abandoned.count - 1] =
      min(last.lowerBound, range.lowerBound)...max(last.upperBound, range.upperBound)
  }

  // MARK: - Feedback

  /// Asks for a key frame, and again every 500 ms until `keyFrameReceived` is called.
  public func requestKeyFrame() {
    wantsKeyFrame = true
  }

  /// Notes that a key frame came, which ends the asking for one.
  public func keyFrameReceived() {
    wantsKeyFrame = false
  }

  /// When `pollFeedback` has something to do next.
  public var nextDeadline: Instant {
    min(nack?.nextDeadline ?? .distantFuture, wantsKeyFrame ? nextKeyFrameRequest : .distantFuture)
  }

  /// Writes the NACKs and the PLI that are due, from `senderSSRC`. False when there wasn't room for all: call again with
  /// an empty writer.
  public func pollFeedback(at now: Instant, senderSSRC: UInt32, to writer: inout RTCPWriter) -> Bool {
    var hasRoom = true
    if wantsKeyFrame, now >= nextKeyFrameRequest {
      hasRoom = writer.pictureLossIndication(senderSSRC: senderSSRC, mediaSSRC: configuration.ssrc)
      if hasRoom { nextKeyFrameRequest = now + Self.keyFrameRequestInterval }
    }
    nack?.poll(
      at: now,
      request: { number in
        hasRoom =
          hasRoom
          && writer.genericNACK(
            senderSSRC: senderSSRC, mediaSSRC: configuration.ssrc,
            sequenceNumber: UInt16(truncatingIfNeeded: number))
        return hasRoom
      },
      abandon: { abandon($0...$0) })
    return hasRoom
  }

  // MARK: - Reports

  /// Takes in the sender's part of a sender report of the media SSRC that arrived at `now`.
  public func receive(_ information: SenderInformation, at now: Instant) {
    senderReport = (information, now)
  }

  /// The last sender report's two clocks; nil before the first.
  public var senderInformation: SenderInformation? { senderReport?.information }

  /// When, on the sender's NTP clock, a sample with `timestamp` was taken; nil before the first sender report. Only
  /// comparable among streams of one participant.
  public func captureTime(of timestamp: UInt32) -> NTPTime? {
    guard let information = senderReport?.information else { return nil }
    let units = Int64(Int32(bitPattern: timestamp &- information.timestamp))
    return information.time.advanced(
      by: .nanoseconds(units * 1_000_000_000 / Int64(configuration.clockRate)))
  }

  /// The block for a report that is sent at `now`; nil while nothing came. Each call begins a new interval.
  public func reportBlock(at now: Instant) -> ReportBlock? {
    let delay = senderReport.map { Self.delay(from: $0.receivedAt, to: now) }
    return statistics.report(
      ssrc: configuration.ssrc, lastSenderReport: senderReport?.information.time.middle ?? 0, delay: delay ?? 0)
  }

  /// The block on the RTX SSRC; nil when nothing came on it since the last.
  public func retransmissionReportBlock() -> ReportBlock? {
    guard let retransmissionSSRC, retransmissionStatistics.hasNews else { return nil }
    return retransmissionStatistics.report(ssrc: retransmissionSSRC, lastSenderReport: 0, delay: 0)
  }

  private static func delay(from instant: Instant, to now: Instant) -> UInt32 {
    let nanoseconds = max((now - instant).nanoseconds, 0)
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt32(clamping: (min(seconds, 65_535) << 16) + (rest << 16) / 1_000_000_000)
  }
}

import DequeModule
import Realtime

/// One sent media stream: an SSRC, such as one simulcast layer, and, where negotiated, the RTX SSRC that repairs it.
///
/// For each packet the packetizer calls `begin`, appends the payload to the buffer, and calls `end`. When NACKs were
/// received, the owner polls `nextRetransmission`.
public final class RTPSendStream {
  /// What is negotiated for a stream.
  public struct Configuration: Sendable {
    /// The media's SSRC.
    public var ssrc: UInt32
    /// The media's clock, Hz.
    public var clockRate: UInt32
    /// The SSRC of retransmissions; nil to repeat packets on the media SSRC.
    public var retransmissionSSRC: UInt32?
    /// For each of the media's payload types that of RTX.
    public var retransmissionPayloadTypes: [UInt8: UInt8]
    /// The identifiers of header extensions. MID, RID, transport-wide sequence number and absolute send time are in
    /// every packet when mapped.
    public var extensions: RTPHeaderExtensionMap
    /// Identification of the media description; nil for none.
    public var mid: String?
    /// Identifier of the simulcast layer; nil for none.
    public var rid: String?
    /// How many packets are kept for retransmission: a power of two, at most 1,024.
    public var historyCapacity: Int
    /// How long packets are kept for retransmission.
    public var historyAge: Duration

    /// A stream `ssrc` of `clockRate` Hz, without retransmission stream and header extensions.
    public init(
      ssrc: UInt32, clockRate: UInt32, retransmissionSSRC: UInt32? = nil,
      retransmissionPayloadTypes: [UInt8: UInt8] = [:], extensions: RTPHeaderExtensionMap = RTPHeaderExtensionMap(),
      mid: String? = nil, rid: String? = nil, historyCapacity: Int = 512, historyAge: Duration = .seconds(2)
    ) {
      self.ssrc = ssrc
      self.clockRate = max(clockRate, 1)
      self.retransmissionSSRC = retransmissionSSRC
      self.retransmissionPayloadTypes = retransmissionPayloadTypes
      self.extensions = extensions
      self.mid = mid
      self.rid = rid
      self.historyCapacity = historyCapacity
      self.historyAge = historyAge
    }
  }

  /// How often a packet is repeated at most.
  public static let maximumRepeatCount = 5
  /// Repeats that may wait to be sent; what is asked for beyond is dropped, and asked for again.
  public static let maximumPendingCount = 256
  /// The time between key frames that receivers ask for, so that many receivers don't cause many of them.
  public static let keyFrameInterval = Duration.milliseconds(300)
  static let captureTimeInterval = Duration.seconds(1)
  static let defaultRoundTrip = Duration.milliseconds(50)

  /// What was negotiated.
  public let configuration: Configuration

  private let timestampOffset: UInt32
  private var sequenceNumber: UInt16
  private var retransmissionSequenceNumber: UInt16
  private var headerCount = 0
  private var template: RTPHeaderTemplate?
  /// Where the packet begun last has the values that are known only at sending; nil when that isn't known.
  private(set) var sendPlaces: RTPHeaderTemplate.SendPlaces?
  private var history: SentPacketHistory
  private var pending = Deque<UInt16>()
  private var lastCapture: (timestamp: UInt32, at: Instant)?
  // The publisher's NTP clock, when this stream hands on somebody else's packets.
  private var forwardedClock: NTPClock?
  private var nextCaptureTime = Instant(nanoseconds: .min)
  private var wantsKeyFrame = false
  private var nextKeyFrame = Instant(nanoseconds: .min)
  private var lastFullIntraRequest: (sender: UInt32, sequenceNumber: UInt8)?

  /// Packets of media sent, without repeats.
  public private(set) var packetCount: UInt64 = 0
  /// Bytes of payload sent, without repeats.
  public private(set) var octetCount: UInt64 = 0
  /// Packets repeated.
  public private(set) var retransmittedCount: UInt64 = 0
  /// What the receiver last said; nil before its first report.
  public private(set) var lastReport: ReportBlock?
  /// The last measured round trip; nil before the first.
  public private(set) var roundTripTime: Duration?

  /// A stream whose sequence numbers and timestamps begin at random (RFC 3550 section 5.1).
  public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
    self.configuration = configuration
    timestampOffset = .random(in: .min ... .max, using: &generator)
    // In the lower half, so that receivers that lose the first packets don't take them for a cycle.
    sequenceNumber = .random(in: 0..<0x8000, using: &generator)
    retransmissionSequenceNumber = .random(in: 0..<0x8000, using: &generator)
    history = SentPacketHistory(capacity: configuration.historyCapacity, maximumAge: configuration.historyAge)
    pending.reserveCapacity(Self.maximumPendingCount)
  }

  // MARK: - Packets

  /// Makes `buffer` the header of the stream's next packet, to which the payload is to be appended.
  ///
  /// `timestamp` is the media's own, to which the stream's random offset is added, and belongs to `capturedAt`. The
  /// stream adds its extensions to `extensions`; `dependencyDescriptor` is that extension's value, empty for none.
  ///
  /// - Throws: `noRoom`; there is no packet then.
  public func begin(
    _ buffer: PacketBuffer, payloadType: UInt8, marker: Bool, timestamp: UInt32, capturedAt: Instant,
    extensions: RTPHeaderExtensions = RTPHeaderExtensions(),
    dependencyDescriptor: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws(RTPError) {
    var header = RTPHeader(
      payloadType: payloadType, sequenceNumber: sequenceNumber, timestamp: timestamp &+ timestampOffset,
      ssrc: configuration.ssrc, marker: marker, extensions: extensions)
    let hasAudioLevel = extensions.audioLevel != nil
    if template?.hasAudioLevel != hasAudioLevel { template = try makeTemplate(hasAudioLevel: hasAudioLevel) }
    if let template, template.fits(extensions, dependencyDescriptor: dependencyDescriptor) {
      template.write(header, dependencyDescriptor: dependencyDescriptor, to: buffer)
      sendPlaces = template.places
    } else {
      // Places for what is known only when the packet is sent.
      header.extensions.transportSequenceNumber = 0
      header.extensions.absoluteSendTime = 0
      try header.write(
        to: buffer, extensions: configuration.extensions, texts: texts, dependencyDescriptor: dependencyDescriptor)
      sendPlaces = nil
    }
    headerCount = buffer.count
    lastCapture = (header.timestamp, capturedAt)
  }

  /// Whether the packet that begins with what was captured at `instant` is to carry its absolute capture time: about one
  /// a second suffices, as receivers reckon the others by their RTP timestamps.
  func takesCaptureTime(at instant: Instant) -> Bool {
    guard configuration.extensions.contains(.absoluteCaptureTime), instant >= nextCaptureTime else { return false }
    nextCaptureTime = instant + Self.captureTimeInterval
    return true
  }

  private var texts: RTPHeaderExtensionTexts {
    RTPHeaderExtensionTexts(mid: configuration.mid, rid: configuration.rid)
  }

  private func makeTemplate(hasAudioLevel: Bool) throws(RTPError) -> RTPHeaderTemplate {
    try RTPHeaderTemplate(
      ssrc: configuration.ssrc, texts: texts, hasAudioLevel: hasAudioLevel, extensions: configuration.extensions)
  }

  /// Takes note of the packet that was begun last, complete in `buffer`, and keeps a copy. It is then to be stamped
  /// (`RTPHeader.rewrite`), encrypted and sent.
  public func end(_ buffer: PacketBuffer, at now: Instant) {
    packetCount &+= 1
    octetCount &+= UInt64(max(buffer.count - headerCount, 0))
    history.store(buffer, sequenceNumber, at: now)
    sequenceNumber &+= 1
  }

  // MARK: - Forwarding

  /// Makes `buffer` a packet that another connection received and keeps a copy. Its sequence number is the stream's first
  /// plus the packet's own, its timestamp the packet's. False when it doesn't fit.
  func writeForwarded(
    _ packet: ForwardedPacket, payloadType: UInt8, payload: UnsafeRawBufferPointer, to buffer: PacketBuffer,
    at now: Instant
  ) throws(RTPError) -> Bool {
    var header = RTPHeader(
      payloadType: payloadType, sequenceNumber: sequenceNumber &+ UInt16(truncatingIfNeeded: packet.sequenceNumber),
      timestamp: packet.timestamp, ssrc: configuration.ssrc, marker: packet.marker, extensions: packet.extensions)
    header.extensions.transportSequenceNumber = 0
    header.extensions.absoluteSendTime = 0
    try header.write(
      to: buffer, extensions: configuration.extensions, texts: RTPHeaderExtensionTexts(mid: configuration.mid),
      dependencyDescriptor: packet.dependencyDescriptor)
    guard buffer.append(payload) else { return false }
    packetCount &+= 1
    octetCount &+= UInt64(payload.count)
    history.store(buffer, header.sequenceNumber, at: now)
    return true
  }

  /// Sets what sender reports say of forwarded packets: `timestamp` was taken at `ntp`, as known at `now`.
  func setForwardedClock(timestamp: UInt32, ntp: NTPTime, at now: Instant) {
    forwardedClock = NTPClock(ntp, at: now)
    lastCapture = (timestamp, now)
  }

  // MARK: - Retransmission

  /// Takes in the receiver's request to repeat packets (RFC 4585 section 6.2.1).
  public func receive(_ nack: GenericNACK, at now: Instant) {
    for sequenceNumber in nack {
      guard pending.count < Self.maximumPendingCount, let index = history.index(of: sequenceNumber, at: now) else {
        continue
      }
      let slot = history[index]
      guard !slot.isPending, slot.repeatCount < Self.maximumRepeatCount else { continue }
      // Within a round trip the receiver can't know that the repeat is on its way.
      guard slot.repeatCount == 0 || now - slot.repeatedAt >= roundTripTime ?? Self.defaultRoundTrip else { continue }
      history[index].isPending = true
      pending.append(sequenceNumber)
    }
  }

  /// Makes `buffer` the next packet to repeat: on the RTX SSRC (RFC 4588 section 4) where that is negotiated for its
  /// payload type, else as it was. False when there is none. Stamp, encrypt and send it as any packet.
  public func nextRetransmission(to buffer: PacketBuffer, at now: Instant) -> Bool {
    while let sequenceNumber = pending.popFirst() {
      // Meanwhile its memory may have become that of a newer packet.
      guard let index = history.index(of: sequenceNumber, at: now), history[index].isPending,
        let packet = history[index].buffer
      else { continue }
      history[index].isPending = false
      guard repeatPacket(packet, to: buffer) else { continue }
      history[index].repeatedAt = now
      history[index].repeatCount += 1
      retransmittedCount &+= 1
      return true
    }
    return false
  }

  private func repeatPacket(_ packet: PacketBuffer, to buffer: PacketBuffer) -> Bool {
    do {
      var header = try RTPHeader(parsing: packet.bytes, extensions: configuration.extensions)
      guard let ssrc = configuration.retransmissionSSRC,
        let payloadType = configuration.retransmissionPayloadTypes[header.payloadType]
      else { return buffer.assign(packet.bytes) }
      let payload = header.payload.bytes(of: packet.bytes)
      let original = header.sequenceNumber
      header.ssrc = ssrc
      header.payloadType = payloadType
      header.sequenceNumber = retransmissionSequenceNumber
      let texts = RTPHeaderExtensionTexts(mid: configuration.mid, repairedRid: configuration.rid)
      let descriptor = header.extensions.dependencyDescriptor?.bytes(of: packet.bytes)
      try header.write(
        to: buffer, extensions: configuration.extensions, texts: texts,
        dependencyDescriptor: descriptor ?? UnsafeRawBufferPointer(start: nil, count: 0))
      guard PacketBuffer.capacity - buffer.count >= 2 + payload.count else { return false }
      buffer.memory.storeNetwork(original, at: buffer.count)
      buffer.memory.store(payload, at: buffer.count + 2)
      buffer.count += 2 + payload.count
      retransmissionSequenceNumber &+= 1
      return true
    } catch {
      return false
    }
  }

  // MARK: - Key frames

  /// Takes in a PLI (RFC 4585 section 6.3.1) for this stream.
  public func receivePictureLossIndication() {
    wantsKeyFrame = true
  }

  /// Takes in a FIR's `entry` for this stream. One with the sequence number of the one before is its repetition, to
  /// which the key frame is already on its way (RFC 5104 section 4.3.1.2).
  public func receive(_ entry: FullIntraRequest.Entry, senderSSRC: UInt32) {
    if let last = lastFullIntraRequest, last == (senderSSRC, entry.sequenceNumber) { return }
    lastFullIntraRequest = (senderSSRC, entry.sequenceNumber)
    wantsKeyFrame = true
  }

  /// When a key frame that is wished for is due; `distantFuture` when none is.
  public var nextDeadline: Instant { wantsKeyFrame ? nextKeyFrame : .distantFuture }

  /// Whether the encoder is to make a key frame now. A wish within 300 ms of the last one is fulfilled after them.
  public func takeKeyFrameRequest(at now: Instant) -> Bool {
    guard wantsKeyFrame, now >= nextKeyFrame else { return false }
    wantsKeyFrame = false
    nextKeyFrame = now + Self.keyFrameInterval
    return true
  }

  // MARK: - Reports

  /// What a sender report at `now` says (RFC 3550 section 6.4.1); nil before the first packet. `clock` must be the same
  /// for all streams of a connection.
  public func senderInformation(at now: Instant, clock: NTPClock) -> SenderInformation? {
    guard let lastCapture, packetCount > 0 else { return nil }
    let (seconds, rest) = (now - lastCapture.at).nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let rate = Int64(configuration.clockRate)
    let elapsed = UInt32(truncatingIfNeeded: seconds &* rate &+ rest * rate / 1_000_000_000)
    return SenderInformation(
      time: (forwardedClock ?? clock).time(at: now), timestamp: lastCapture.timestamp &+ elapsed,
      packetCount: UInt32(truncatingIfNeeded: packetCount), octetCount: UInt32(truncatingIfNeeded: octetCount))
  }

  /// Takes in what the receiver says of this stream.
  public func receive(_ block: ReportBlock, at now: Instant, clock: NTPClock) {
    guard block.ssrc == configuration.ssrc else { return }
    lastReport = block
    roundTripTime =
      (forwardedClock ?? clock).roundTripTime(
        lastReport: block.lastSenderReport, delay: block.delaySinceLastSenderReport, at: now) ?? roundTripTime
  }

  /// The fraction of packets that the receiver last missed, 0…1.
  public var fractionLost: Double { Double(lastReport?.fractionLost ?? 0) / 256 }

  /// The receiver's interarrival jitter; nil before its first report.
  public var jitter: Duration? {
    lastReport.map { .nanoseconds(Int64($0.jitter) * 1_000_000_000 / Int64(configuration.clockRate)) }
  }
}

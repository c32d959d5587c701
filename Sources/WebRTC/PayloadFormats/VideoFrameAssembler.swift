import Realtime

/// Makes frames of the packets of one received VP8 or VP9 stream and hands them on in decoding order, each only when all
/// that it refers to has been handed on before.
///
/// What is missing is waited for (retransmission is the RTP layer's business) until the RTP layer gives it up
/// (`abandon`), until `longestWait` has passed or until the window is full. Then the frame concerned is dropped, or
/// reduced to its whole lower spatial layers, and the stream goes on with the next frame that doesn't depend on it; when
/// there can be none, `needsKeyFrame` asks for a key frame.
///
/// After each call that brings something the owner calls `nextFrame` until it gives none, and then again at
/// `nextDeadline`. Not thread-safe. Allocates nothing once the window has been as full as it gets.
public final class VideoFrameAssembler {
  /// How long a missing packet is waited for, from the arrival of the packet after it.
  public static let longestWait = Duration.seconds(1)
  /// How long a missing packet is waited for when a later frame could be decoded without it.
  public static let detourWait = Duration.milliseconds(150)
  /// Frames of higher temporal layers dropped in a row, for want of a reference, before a key frame is asked for: two
  /// seconds at 30 fps.
  static let enhancementPatience = 40
  /// Sequence numbers beyond this can't come from unwrapping 16-bit ones.
  private static let largestSequenceNumber: Int64 = 1 << 60

  /// Counters since the assembler was made.
  public private(set) var statistics = VideoAssemblyStatistics()
  /// Whether the stream can't go on, or only at reduced quality, before a key frame arrives, and none is on its way in.
  /// The owner asks for one (PLI), not too often.
  public private(set) var needsKeyFrame = false
  /// When `nextFrame` may have something without a further packet; `distantFuture` when never.
  public private(set) var nextDeadline = Instant.distantFuture

  /// Whether the last packet only went on with a picture that isn't complete yet: `nextFrame` then has none.
  public private(set) var isWithinPicture = false

  private var store: VideoPacketStore
  private var tracker = VideoReferenceTracker()
  private var loss = VideoReferenceTracker.Loss()
  private var hasPackets = false
  private var mayBeginEarlier = true
  /// Whether something was dropped that only a key frame makes good.
  private var wantsKeyFrame = false
  private var isReduced = false
  private var enhancementDrops = 0
  private var pendingKeyFrame: Int64?
  /// From where on and how far the picture that is coming in was looked through.
  private var scanned: (start: Int64, end: Int64) = (.min, .min)
  private var lastTimestamp: UInt32?
  private var lastDroppedTimestamp: UInt32?

  /// An assembler that takes its packets' memory from `pool`.
  public init(pool: PacketPool = PacketPool()) {
    store = VideoPacketStore(pool: pool)
  }

  // MARK: Input

  /// Takes in a copy of a received packet's payload.
  /// - Parameters:
  ///   - sequenceNumber: unwrapped RTP sequence number, after RTX has been undone.
  ///   - timestamp: RTP timestamp.
  ///   - marker: the RTP marker bit, which ends a picture.
  ///   - payload: the RTP payload without padding. An empty one counts as padding.
  ///   - codec: by the packet's payload type; may change at a key frame.
  ///   - now: when the packet arrived.
  public func insert(
    sequenceNumber: Int64, timestamp: UInt32, marker: Bool, payload bytes: UnsafeRawBufferPointer, codec: VideoCodec,
    at now: Instant
  ) {
    if bytes.isEmpty { return insertPadding(sequenceNumber: sequenceNumber) }
    guard makePlace(for: sequenceNumber) else { return }
    let wasWithinPicture = isWithinPicture
    isWithinPicture = false
    if bytes.count <= PacketBuffer.capacity, let payload = try? VideoPayload(parsing: bytes, codec: codec) {
      if wasWithinPicture, sequenceNumber == scanned.end, !marker {
        let first = store[store.head]
        isWithinPicture = first.pointee.timestamp == timestamp && first.pointee.payload.codec == codec
        if isWithinPicture { scanned.end += 1 }
      }
      store.keep(bytes, payload: payload, timestamp: timestamp, marker: marker, at: now, as: sequenceNumber)
      if payload.isKeyFrame {
        pendingKeyFrame = max(pendingKeyFrame ?? sequenceNumber, sequenceNumber)
      } else if payload.startsFrame && payload.isInterPicturePredicted && !tracker.isSynchronised {
        wantsKeyFrame = true
      }
    } else {
      store.mark(sequenceNumber, as: .abandoned)
      statistics.packetsMalformed += 1
    }
    updateNeed()
  }

  /// Notes a packet that holds nothing but padding: its sequence number is not missing.
  public func insertPadding(sequenceNumber: Int64) {
    isWithinPicture = false
    if makePlace(for: sequenceNumber) { store.mark(sequenceNumber, as: .padding) }
    updateNeed()
  }

  /// Notes that a missing packet won't be asked for again.
  public func abandon(sequenceNumber: Int64) {
    guard hasPackets, sequenceNumber >= store.head, sequenceNumber < store.end, store.state(sequenceNumber) == .missing
    else { return }
    isWithinPicture = false
    store.mark(sequenceNumber, as: .abandoned)
  }

  /// Whether `sequenceNumber` is new; makes room for it.
  private func makePlace(for sequenceNumber: Int64) -> Bool {
    guard abs(sequenceNumber) < Self.largestSequenceNumber else { return false }
    if !hasPackets
      || (sequenceNumber < store.head && mayBeginEarlier && store.end - sequenceNumber <= VideoPacketStore.window)
    {
      store.begin(at: sequenceNumber)
      hasPackets = true
    }
    if sequenceNumber < store.head {
      statistics.packetsLate += 1
      return false
    }
    if sequenceNumber - store.head >= VideoPacketStore.window { overflow(for: sequenceNumber) }
    switch store.state(sequenceNumber) {
    case .present, .padding:
      statistics.packetsDuplicate += 1
      return false
    case .missing, .abandoned:
      store.extend(to: sequenceNumber)
      return true
    }
  }

  /// Gives up what no longer fits into the window with `sequenceNumber`.
  private func overflow(for sequenceNumber: Int64) {
    isWithinPicture = false
    let head = sequenceNumber - VideoPacketStore.window + 1
    while store.head < min(head, store.end) { skip(counting: \.framesDroppedOverflow) }
    // Beyond all that is known: nothing tells that what lies between was ever sent.
    if store.head < head { store.jump(to: sequenceNumber) }
    loss.packets += VideoPacketStore.window
  }

  // MARK: Output

  /// Replaces the contents of `frame` by the next frame to decode; false when there is none yet.
  public func nextFrame(into frame: EncodedFrame, at now: Instant) -> Bool {
    nextDeadline = .distantFuture
    defer { updateNeed() }
    guard hasPackets, !isWithinPicture else { return false }
    while store.head < store.end {
      switch store.state(store.head) {
      case .padding:
        store.advance()
      case .abandoned:
        store.advance()
        loss.packets += 1
      case .missing:
        if giveUp(at: store.head, now: now) { continue }
        return detour(around: store.head, into: frame, at: now)
      case .present:
        switch extent(from: store.head) {
        case .open:
          isWithinPicture = true
          return false
        case .whole(let end):
          if handOn(through: end, isWhole: true, into: frame) { return true }
        case .gap(let gap):
          if !giveUp(at: gap, now: now) { return detour(around: gap, into: frame, at: now) }
          if let end = wholeLayers(before: gap), handOn(through: end, isWhole: false, into: frame) { return true }
          dropPicture(counting: \.framesDroppedLostPackets)
        }
      }
    }
    return false
  }

  private enum Extent {
    /// Complete, ending before this sequence number.
    case whole(Int64)
    /// Missing or abandoned at this sequence number.
    case gap(Int64)
    /// Going on beyond what has arrived.
    case open
  }

  /// How far the picture reaches that begins with the present packet at `start`.
  private func extent(from start: Int64) -> Extent {
    let timestamp = store[start].pointee.timestamp
    let codec = store[start].pointee.payload.codec
    // What is there and belongs to the picture stays so: a picture of many packets is looked through once.
    var position = scanned.start == start ? scanned.end : start
    defer { scanned = (start, position) }
    while position < store.end {
      let slot = store[position]
      switch slot.pointee.state {
      case .padding: break
      case .missing, .abandoned: return .gap(position)
      case .present:
        if slot.pointee.timestamp != timestamp || slot.pointee.payload.codec != codec { return .whole(position) }
        if slot.pointee.marker { return .whole(position + 1) }
      }
      position += 1
    }
    return .open
  }

  /// Where the last spatial layer ends that lies whole before `gap`; nil when there is none. VP8 tells no ends.
  private func wholeLayers(before gap: Int64) -> Int64? {
    var position = gap
    while position > store.head {
      position -= 1
      if store.state(position) == .present && store[position].pointee.payload.endsFrame { return position + 1 }
    }
    return nil
  }

  /// Whether the missing packet at `gap` needn't be waited for any longer; until then sets the deadline.
  private func giveUp(at gap: Int64, now: Instant) -> Bool {
    if store.state(gap) == .abandoned { return true }
    guard let after = store.firstPresent(from: gap) else { return false }
    let since = store[after].pointee.arrival
    guard now >= since + Self.longestWait else {
      let detour = since + Self.detourWait
      nextDeadline = now < detour ? detour : since + Self.longestWait
      return false
    }
    for position in gap..<after where store.state(position) == .missing { store.mark(position, as: .abandoned) }
    return true
  }

  /// Goes on with a later whole frame that doesn't depend on what is missing at `gap`, if there is one and the wait has
  /// been long enough. Without a decodable past (before the first key frame, or after a loss) there is nothing to wait for.
  private func detour(around gap: Int64, into frame: EncodedFrame, at now: Instant) -> Bool {
    guard let after = store.firstPresent(from: gap) else { return false }
    if tracker.isSynchronised && now < store[after].pointee.arrival + Self.detourWait { return false }
    var candidate = store.firstPresent(from: gap)
    while let start = candidate {
      let payload = store[start].pointee.payload
      if payload.startsFrame, isPictureStart(start), case .whole(let end) = extent(from: start) {
        let skipped = VideoReferenceTracker.Loss(packets: loss.packets + start - store.head)
        if case .decodable = tracker.verdict(payload, loss: skipped, layersBefore: 0) {
          while store.head < start { skip(counting: \.framesDroppedLostPackets) }
          loss = skipped
          return handOn(through: end, isWhole: true, into: frame)
        }
      }
      candidate = store.firstPresent(from: start + 1)
    }
    return false
  }

  /// Whether no packet before the present one at `position` is known to belong to the same picture.
  private func isPictureStart(_ position: Int64) -> Bool {
    guard position > store.head, store.state(position - 1) == .present else { return true }
    let before = store[position - 1]
    return before.pointee.marker || before.pointee.timestamp != store[position].pointee.timestamp
  }

  /// Hands on the picture from the head up to `end`, as far as its layers can be decoded, or drops it.
  private func handOn(through end: Int64, isWhole: Bool, into frame: EncodedFrame) -> Bool {
    let first = store[store.head].pointee.payload
    guard first.startsFrame, !isRest(first, of: store[store.head].pointee.timestamp) else {
      dropPicture(counting: \.framesDroppedLostPackets)
      return false
    }
    var layers: UInt8 = 0
    var decodableEnd = store.head
    var verdict = VideoReferenceTracker.Verdict.decodable
    for position in store.head..<end where store.state(position) == .present {
      let payload = store[position].pointee.payload
      if payload.startsFrame && (layers == 0 || payload.codec == .vp9) {
        verdict = tracker.verdict(payload, loss: loss, layersBefore: layers)
        guard case .decodable = verdict else { break }
        layers |= 1 << (payload.spatialLayer & 7)
      }
      decodableEnd = position + 1
    }
    guard layers != 0 else {
      refuse(verdict, first)
      return false
    }
    fill(frame, through: decodableEnd, isKeyFrame: first.isKeyFrame)
    let isReducedNow = !isWhole || decodableEnd < end
    if isWhole { while store.head < end { store.advance() } } else { dropRest(of: frame.timestamp) }
    lastTimestamp = frame.timestamp
    note(first, isReduced: isReducedNow)
    return true
  }

  /// Whether `payload` belongs to a picture that has been dropped, or handed on without its upper spatial layers.
  private func isRest(_ payload: VideoPayload, of timestamp: UInt32) -> Bool {
    timestamp == lastDroppedTimestamp || (isReduced && payload.spatialLayer > 0 && timestamp == lastTimestamp)
  }

  /// Copies the packets from the head up to `end` into `frame` and frees them.
  private func fill(_ frame: EncodedFrame, through end: Int64, isKeyFrame: Bool) {
    frame.removeAll()
    frame.codec = store[store.head].pointee.payload.codec
    frame.timestamp = store[store.head].pointee.timestamp
    frame.isKeyFrame = isKeyFrame
    frame.receivedAt = store[store.head].pointee.arrival
    frame.completedAt = frame.receivedAt
    var index = VP9SuperframeIndexWriter()
    while store.head < end {
      if store.state(store.head) == .present {
        let slot = store[store.head]
        if slot.pointee.payload.startsFrame { index.beginFrame(at: frame.count, after: frame.bytes) }
        frame.append(store.bytes(store.head))
        frame.receivedAt = min(frame.receivedAt, slot.pointee.arrival)
        frame.completedAt = max(frame.completedAt, slot.pointee.arrival)
        if slot.pointee.payload.startsFrame {
          tracker.didHandOn(slot.pointee.payload, loss: loss, structure: store.structure(store.head))
          loss = VideoReferenceTracker.Loss()
        }
      }
      store.advance()
    }
    if frame.codec == .vp9 { index.append(to: frame) }
  }

  // MARK: Accounts

  private func note(_ payload: VideoPayload, isReduced: Bool) {
    mayBeginEarlier = false
    statistics.framesAssembled += 1
    if payload.isKeyFrame {
      statistics.keyFramesAssembled += 1
      wantsKeyFrame = false
    }
    if isReduced { statistics.framesReduced += 1 }
    self.isReduced = isReduced
    enhancementDrops = payload.temporalLayer > 0 ? 0 : enhancementDrops
    lastDroppedTimestamp = nil
  }

  /// Drops the whole picture at the head, which can't be decoded.
  private func refuse(_ verdict: VideoReferenceTracker.Verdict, _ payload: VideoPayload) {
    let wasSynchronised = tracker.isSynchronised
    if case .enhancementLacksReference = verdict {
      enhancementDrops += 1
      if enhancementDrops >= Self.enhancementPatience { wantsKeyFrame = true }
    } else {
      tracker.desynchronise()
      wantsKeyFrame = true
    }
    dropPicture(counting: wasSynchronised ? \.framesDroppedMissingReference : \.framesDroppedAwaitingKeyFrame)
  }

  /// Drops the picture at the head with all of its packets, as far as they are known to be its own.
  private func dropPicture(counting reason: WritableKeyPath<VideoAssemblyStatistics, Int>) {
    let slot = store[store.head]
    let timestamp = slot.pointee.timestamp
    if slot.pointee.payload.startsFrame { loss.add(slot.pointee.payload) }
    count(timestamp, reason)
    dropRest(of: timestamp)
  }

  /// Drops packets with `timestamp` from the head on, with what is missing among them.
  private func dropRest(of timestamp: UInt32) {
    mayBeginEarlier = false
    while store.head < store.end {
      let next = store.firstPresent(from: store.head)
      guard let next, store[next].pointee.timestamp == timestamp else { return }
      let isLast = store[next].pointee.marker
      while store.head <= next {
        if store.state(store.head) != .padding { loss.packets += 1 }
        store.advance()
      }
      if isLast { return }
    }
  }

  /// Gives up the sequence number at the head.
  private func skip(counting reason: WritableKeyPath<VideoAssemblyStatistics, Int>) {
    mayBeginEarlier = false
    let slot = store[store.head]
    if slot.pointee.state == .present { count(slot.pointee.timestamp, reason) }
    if slot.pointee.state != .padding { loss.packets += 1 }
    store.advance()
  }

  /// Counts a dropped frame, but once only when it goes in pieces.
  private func count(_ timestamp: UInt32, _ reason: WritableKeyPath<VideoAssemblyStatistics, Int>) {
    if lastDroppedTimestamp == timestamp { return }
    lastDroppedTimestamp = timestamp
    statistics[keyPath: reason] += 1
  }

  private func updateNeed() {
    if let pending = pendingKeyFrame, !hasPackets || pending < store.head { pendingKeyFrame = nil }
    let need = (wantsKeyFrame || isReduced) && pendingKeyFrame == nil
    if need && !needsKeyFrame { statistics.keyFramesNeeded += 1 }
    needsKeyFrame = need
  }
}

import Realtime

extension JitterBuffer {
  /// Timestamps further than this (3 s) from where they should be are a restart of the sender, or nonsense.
  private static let jumpLimit: Int64 = 144_000
  /// Waiting sound beyond this (2 s) is dropped.
  private static let spanLimit: Int64 = 96_000

  /// Takes a packet in.
  /// - Parameters:
  ///   - sequenceNumber: extended RTP sequence number.
  ///   - timestamp: RTP timestamp, at 48 kHz (RFC 7587).
  ///   - payload: the Opus packet; copied. Anything else is counted as invalid.
  ///   - arrival: when it came from the network, on the clock of `pull`.
  public func insert(
    sequenceNumber: Int64, timestamp: UInt32, payload: UnsafeRawBufferPointer, arrival: Instant
  ) {
    statistics.packetsReceived += 1
    guard let sampleCount = OpusPacket.sampleCount(payload), payload.count <= JitterPacketStore.maximumByteCount else {
      statistics.packetsInvalid += 1
      return
    }
    let time = Self.samples(arrival)
    var extended = extend(timestamp)
    if isJump(extended, at: time) {
      // A single stray packet doesn't end the stream; the next one in sequence confirms that it is a new start.
      guard let before = suspect, before.sequenceNumber &+ 1 == sequenceNumber,
        abs(Int64(Int32(bitPattern: timestamp &- before.timestamp))) < 9_600
      else {
        suspect = (sequenceNumber, timestamp)
        statistics.packetsInvalid += 1
        return
      }
      resynchronize()
      extended = extend(timestamp)
    }
    suspect = nil
    let order = note(sequenceNumber)
    guard order != .duplicate else {
      statistics.packetsDuplicated += 1
      return
    }
    estimator.update(transit: time - extended, sampleCount: sampleCount, at: time)
    if order == .newest || order == .newestAfterOneLost {
      estimator.updateJitter(transit: time - extended)
      newestTimestamp = max(newestTimestamp ?? extended, extended)
      newestArrival = time
    }
    if order == .newestAfterOneLost, OpusPacket.hasForwardErrorCorrection(payload) {
      // The copy of the packet before arrives now: waiting for it is worth while if it happens often.
      estimator.update(transit: time - (extended - Int64(sampleCount)), sampleCount: sampleCount, at: time)
    }
    guard !isTooLate(timestamp: extended) else {
      statistics.packetsDiscardedLate += 1
      return
    }
    place(extended, sampleCount, payload, isRedundant: false)
  }

  /// Takes in a redundant encoding (RFC 2198) of an earlier packet, to be used if that one is missing.
  /// - Parameters:
  ///   - timestamp: the earlier packet's RTP timestamp.
  ///   - payload: its Opus packet; copied.
  ///   - arrival: when the packet that carried it came.
  public func insertRedundant(timestamp: UInt32, payload: UnsafeRawBufferPointer, arrival: Instant) {
    guard newestTimestamp != nil, let sampleCount = OpusPacket.sampleCount(payload),
      payload.count <= JitterPacketStore.maximumByteCount
    else { return }
    let extended = extend(timestamp)
    let time = Self.samples(arrival)
    guard !isTooLate(timestamp: extended), !isJump(extended, at: time) else { return }
    if place(extended, sampleCount, payload, isRedundant: true) {
      estimator.update(transit: time - extended, sampleCount: sampleCount, at: time)
    }
  }

  enum Order { case newest, newestAfterOneLost, late, duplicate }

  private func note(_ sequenceNumber: Int64) -> Order {
    guard let highest = highestSequenceNumber else {
      highestSequenceNumber = sequenceNumber
      receivedMask = 1
      return .newest
    }
    let (ahead, overflow) = sequenceNumber.subtractingReportingOverflow(highest)
    if overflow || ahead > 0 {
      receivedMask = overflow || ahead > 63 ? 1 : receivedMask << UInt64(ahead) | 1
      highestSequenceNumber = sequenceNumber
      return ahead == 2 ? .newestAfterOneLost : .newest
    }
    guard ahead > -64 else { return .late }
    let bit = UInt64(1) << UInt64(-ahead)
    if receivedMask & bit != 0 { return .duplicate }
    receivedMask |= bit
    return .late
  }

  /// The timestamp without its wrap at 32 bits.
  private func extend(_ timestamp: UInt32) -> Int64 {
    guard let newest = newestTimestamp else { return Int64(timestamp) }
    return newest + Int64(Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: newest)))
  }

  /// Whether a timestamp is too far from the newest to belong to the same run. It may be ahead by as much as time has
  /// passed, or stand where it stood if the sender's clock stops while it is muted.
  private func isJump(_ extended: Int64, at time: Int64) -> Bool {
    guard let newest = newestTimestamp else { return false }
    let ahead = extended - newest
    return ahead < -Self.jumpLimit || ahead > max(0, time - newestArrival) + Self.jumpLimit
  }

  @discardableResult
  private func place(
    _ timestamp: Int64, _ sampleCount: Int, _ payload: UnsafeRawBufferPointer, isRedundant: Bool
  ) -> Bool {
    if store.isFull { dropFirst() }
    let isNew = store.insert(
      JitterPacketStore.Entry(timestamp: timestamp, sampleCount: sampleCount, isRedundant: isRedundant),
      payload: payload)
    while let first = store.first, let end = store.end, end - first.timestamp > Self.spanLimit { dropFirst() }
    return isNew
  }

  private func dropFirst() {
    store.removeFirst()
    statistics.packetsDiscardedOverflow += 1
    skipToFirst()
  }
}

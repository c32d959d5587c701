import Realtime

/// Turns the Opus packets of one sender, however late, doubled, out of order or lost, into an even flow of sound.
///
/// Packets come in by `insert`, sound goes out by `pull`, exactly 480 samples every 10 ms. Sound is held back as long as
/// the network's jitter needs (`DelayEstimator`) and no longer: the delay is steered by leaving out or repeating single
/// pitch periods (`SampleQueue`), which also absorbs the drift between the sender's clock and ours. Missing packets are
/// taken from redundant encodings or in-band error correction, else concealed by the decoder, and after 60 ms faded into
/// background noise.
///
/// Confined to one thread. All memory is reserved up front: at most 200 packets and 2 s wait, the oldest are dropped.
public final class JitterBuffer {
  /// What has been done so far.
  public internal(set) var statistics = JitterBufferStatistics()

  /// Sound is held back at least this long beyond the network's quickest packets (0 to 1.5 s); raised to wait for the
  /// picture (lip sync).
  public var minimumDelay: Duration = .zero {
    didSet { minimumSamples = Self.delaySamples(minimumDelay) }
  }

  /// Sound is held back at most this long (20 ms to 1.5 s), even if packets then come too late. `minimumDelay` is
  /// stronger.
  public var maximumDelay: Duration = .milliseconds(1_000) {
    didSet { maximumSamples = max(960, Self.delaySamples(maximumDelay)) }
  }

  /// RTP timestamp of the first sample of the block last pulled, and the instant of that pull; nil before the first
  /// packet and while only noise or silence is given out.
  public internal(set) var playout: (timestamp: UInt32, pulledAt: Instant)?

  enum State {
    /// Nothing decodable: before the first packet, or after a long gap. Background noise is heard.
    case quiet
    case playing
    /// The sender has announced a silence.
    case discontinuous
    /// A packet is missing.
    case concealing
  }

  private let decoder: OpusDecoder
  private let scratch: UnsafeMutableBufferPointer<Float>
  let store = JitterPacketStore()
  let queue = SampleQueue()
  var estimator = DelayEstimator()
  private var noise = ComfortNoise()
  private var minimumSamples: Int64 = 0
  private var maximumSamples: Int64 = 48_000

  private(set) var state = State.quiet
  private var hasStarted = false
  /// The timestamp after the last sample decoded; what the next packet should start with.
  var nextTimestamp: Int64 = 0
  /// Samples made up since the last packet was decoded.
  private var gapSamples: Int64 = 0
  /// Share of the decoder in what is heard; the rest is background noise.
  private var decoderGain: Float = 0
  private var sinceStretch = 0
  private var failedStretches = 0

  // What `insert` knows of the sender's numbering.
  var newestTimestamp: Int64?
  var newestArrival: Int64 = 0
  var highestSequenceNumber: Int64?
  var receivedMask: UInt64 = 0
  var suspect: (sequenceNumber: Int64, timestamp: UInt32)?

  /// Packets this little off the expected timestamp (2.5 ms) follow without a gap.
  private static let tolerance: Int64 = 120
  /// Concealment beyond this is faded out, over `fadeLength`.
  private static let concealmentLimit: Int64 = 2_880
  private static let fadeLength: Float = 5_760
  /// After this long without a packet the sender is taken to be gone or muted: background noise fades to silence.
  private static let noiseLimit: Int64 = 144_000
  /// An announced silence is continued by the decoder for this long; senders refresh it every 400 ms.
  private static let discontinuousLimit: Int64 = 48_000

  /// A buffer that has seen nothing.
  public init() throws(OpusError) {
    decoder = try OpusDecoder(channelCount: 1)
    scratch = .allocate(capacity: OpusPacket.maximumSampleCount)
    scratch.initialize(repeating: 0)
  }

  deinit { scratch.deallocate() }

  /// Gives out the next 10 ms.
  /// - Parameters:
  ///   - output: exactly 480 samples.
  ///   - now: the present; blocks are expected every 10 ms.
  public func pull(into output: UnsafeMutableBufferPointer<Float>, at now: Instant) {
    let time = Self.samples(now)
    let wanted = AudioBlock.sampleCount
    // Every turn adds at least 2.5 ms, so that this ends; the bound is for safety against a mistake here.
    for _ in 0..<16 where queue.count < wanted { produce(at: time) }
    steerDelay(at: time)
    trackPlayout(at: time, now: now)
    statistics.targetDelay = Int(clamping: targetDelay(at: time))
    statistics.jitter = Int(estimator.jitter)
    queue.remove(into: output)
    statistics.totalSamples += output.count
    sinceStretch += output.count
  }

  /// Starts anew with the packets still to come: the past's timestamps mean nothing any more.
  func resynchronize() {
    store.removeAll()
    estimator.rebase()
    newestTimestamp = nil
    highestSequenceNumber = nil
    receivedMask = 0
    hasStarted = false
    suspect = nil
    if state == .playing || state == .discontinuous { beginGap() }
    statistics.resynchronizations += 1
  }

  /// Whether a packet that ends at `end` comes too late to be played.
  func isTooLate(timestamp: Int64) -> Bool {
    hasStarted && timestamp < nextTimestamp - Self.tolerance
  }

  /// The playout moves on to the first packet waiting, because those before it were dropped.
  func skipToFirst() {
    guard hasStarted, let first = store.first, first.timestamp > nextTimestamp else { return }
    nextTimestamp = first.timestamp
  }

  // MARK: Time

  /// An instant in samples at 48 kHz.
  static func samples(_ instant: Instant) -> Int64 { instant.nanoseconds / 1_000 * 6 / 125 }

  private static func delaySamples(_ delay: Duration) -> Int64 {
    min(72_000, max(0, delay.nanoseconds / 1_000 * 6 / 125))
  }

  /// Timestamp of the sample that is given out next.
  private var headTimestamp: Int64 { nextTimestamp - Int64(queue.count) }

  private func targetDelay(at time: Int64) -> Int64 {
    // A block's last sample has to be there when its first is wanted.
    let wanted = estimator.target(at: time) + Int64(AudioBlock.sampleCount)
    return max(minimumSamples, min(maximumSamples, wanted))
  }

  /// The delay that `timestamp` would have if it came next in the queue.
  private func delay(of timestamp: Int64, at time: Int64) -> Int64 {
    time + Int64(queue.count) - timestamp - estimator.base
  }

  private func trackPlayout(at time: Int64, now: Instant) {
    if hasStarted, state == .playing {
      playout = (UInt32(truncatingIfNeeded: headTimestamp), now)
      statistics.currentDelay = Int(clamping: time - headTimestamp - estimator.base)
    } else if hasStarted, state != .quiet, let last = playout {
      // While sound is made up, the sender's clock is taken to go on.
      playout = (last.timestamp &+ UInt32(AudioBlock.sampleCount), now)
    } else {
      playout = nil
    }
  }

  // MARK: Producing sound

  /// Appends at least 2.5 ms to the queue.
  private func produce(at time: Int64) {
    while let first = store.first, isTooLate(timestamp: first.timestamp) { store.removeFirst() }
    guard let first = store.first else { return fillGap(count: AudioBlock.sampleCount) }
    let excess = delay(of: first.timestamp, at: time) - targetDelay(at: time)
    let missing = first.timestamp - nextTimestamp - gapSamples
    let isHeard = hasStarted && decoderGain > 0 && (state == .playing || state == .concealing)
    if !isHeard {
      // Nobody hears whether a silence is longer or shorter: it is where the delay is set.
      if hasStarted, excess > 960, OpusPacket.isDiscontinuous(store.payload(of: first)) {
        nextTimestamp = first.timestamp + Int64(first.sampleCount)
        store.removeFirst()
        fillGap(count: 120)
      } else if excess >= -240 {
        decodeFirst()
      } else {
        fillGap(count: Int(min(Int64(AudioBlock.sampleCount), (-excess + 119) / 120 * 120)))
      }
    } else if first.timestamp <= nextTimestamp + Self.tolerance || missing <= 0 || excess >= 480 && gapSamples > 0 {
      decodeFirst()
    } else if missing <= Int64(first.sampleCount), recover(first, missing: missing) {
      decodeFirst()
    } else {
      fillGap(count: Int(min(Int64(AudioBlock.sampleCount), (missing + 119) / 120 * 120)))
    }
  }

  private func decodeFirst() {
    guard let first = store.first else { return }
    let payload = store.payload(of: first)
    let misfit = gapSamples - (first.timestamp - nextTimestamp)
    let needsJoin = prepareJoin()
    let isSilence = OpusPacket.isDiscontinuous(payload)
    let decoded = (try? decoder.decode(payload, into: scratch)) ?? 0
    store.removeFirst()
    hasStarted = true
    nextTimestamp = first.timestamp + Int64(first.sampleCount)
    guard decoded > 0, decoded == first.sampleCount else {
      statistics.packetsInvalid += 1
      return fillGap(count: AudioBlock.sampleCount)
    }
    if first.isRedundant { statistics.redundantPackets += 1 }
    if !isSilence { noise.learn(from: UnsafeBufferPointer(rebasing: scratch[..<decoded])) }
    gapSamples = 0
    state = isSilence ? .discontinuous : .playing
    append(decoded, decoderTarget: 1)
    if needsJoin { join(decoded, misfit: misfit) }
  }

  /// Before the first sound after a gap: makes up a little more, for the two to be laid over each other. False if there
  /// was no gap to be heard.
  private func prepareJoin() -> Bool {
    guard hasStarted, state == .concealing, gapSamples > 0, decoderGain > 0.1,
      let made = try? decoder.conceal(sampleCount: SampleQueue.joinCount, into: scratch)
    else { return false }
    append(made, decoderTarget: decoderGain)
    return true
  }

  /// - Parameter misfit: how much more was made up than was missing.
  private func join(_ decoded: Int, misfit: Int64) {
    if let removed = queue.join(added: decoded, isAligned: abs(misfit) <= 12) {
      statistics.removedSamplesForAcceleration += removed
    } else {
      statistics.concealedSamples += SampleQueue.joinCount
    }
  }

  /// Restores the packet before `first` from the copy in it. False if there is none.
  private func recover(_ first: JitterPacketStore.Entry, missing: Int64) -> Bool {
    let payload = store.payload(of: first)
    guard missing > 0, !first.isRedundant, OpusPacket.hasForwardErrorCorrection(payload), first.sampleCount % 120 == 0
    else { return false }
    // The copy is a whole frame: used in the middle of a gap it lengthens the delay by what was made up already.
    let misfit = Int64(first.sampleCount) - missing
    let needsJoin = prepareJoin()
    guard let recovered = try? decoder.recover(sampleCount: first.sampleCount, from: payload, into: scratch),
      recovered > 0
    else { return false }
    statistics.forwardErrorCorrectionPackets += 1
    nextTimestamp = first.timestamp
    gapSamples = 0
    state = .playing
    append(recovered, decoderTarget: 1)
    if needsJoin { join(recovered, misfit: misfit) }
    return true
  }

  private func beginGap() {
    state = .concealing
    gapSamples = 0
  }

  /// Makes up `count` samples (a multiple of 120).
  private func fillGap(count: Int) {
    if state == .playing { beginGap() }
    let limit = state == .discontinuous ? Self.discontinuousLimit : Self.concealmentLimit
    let target: Float = gapSamples >= limit || state == .quiet ? 0 : 1
    if state == .concealing {
      if gapSamples == 0 { statistics.concealmentEvents += 1 }
      statistics.concealedSamples += count
      if decoderGain == 0 { statistics.silentConcealedSamples += count }
    }
    gapSamples += Int64(count)
    var made = 0
    if decoderGain > 0 || target > 0 { made = (try? decoder.conceal(sampleCount: count, into: scratch)) ?? 0 }
    if made < count {
      UnsafeMutableBufferPointer(rebasing: scratch[made..<count]).update(repeating: 0)
    }
    append(count, decoderTarget: target)
    if decoderGain == 0, state != .concealing || gapSamples > Self.noiseLimit { state = .quiet }
  }

  /// Moves `count` samples from the decoder into the queue, fading between them and background noise. The decoder's own
  /// output is continuous in itself, so that no click can arise.
  private func append(_ count: Int, decoderTarget: Float) {
    let place = queue.vacancy(count)
    let count = min(count, place.count)
    let isFading = gapSamples > Self.noiseLimit || !hasStarted
    if decoderGain == 1, decoderTarget == 1 {
      for index in 0..<count { place[index] = scratch[index] }
    } else {
      let step: Float = decoderTarget > decoderGain ? 1 / 240 : -1 / Self.fadeLength
      for index in 0..<count {
        decoderGain = min(1, max(0, decoderGain + (decoderGain == decoderTarget ? 0 : step)))
        place[index] = decoderGain * scratch[index] + (1 - decoderGain) * noise.next(isFading: isFading)
      }
    }
    // What a damaged packet decodes to must not reach a loudspeaker as infinity.
    for index in 0..<count where !(abs(place[index]) < 8) { place[index] = 0 }
    queue.append(count: count)
  }

  // MARK: Delay

  /// Shortens or lengthens what is about to be played when the delay has left the target's neighbourhood.
  private func steerDelay(at time: Int64) {
    guard state == .playing, decoderGain == 1 else { return }
    let excess = time - headTimestamp - estimator.base - targetDelay(at: time)
    let isFarOff = excess > 4_800
    guard sinceStretch >= (isFarOff ? 480 : 960) else { return }
    // Sound without any pitch (a fan) never passes the strict comparison: it gets easier with every failure.
    let similarity: Float = excess > 24_000 ? -1 : isFarOff || failedStretches > 50 ? 0.5 : 0.9
    if excess > 720 {
      while queue.count < SampleQueue.countForShortening, let first = store.first,
        abs(first.timestamp - nextTimestamp) <= Self.tolerance, state == .playing
      { decodeFirst() }
      guard queue.count >= SampleQueue.countForShortening else { return }
      let removed = queue.shorten(atMost: Int(clamping: excess + 240), similarity: similarity)
      statistics.removedSamplesForAcceleration += removed
      noteStretch(removed)
    } else if excess < -240 {
      if queue.count < AudioBlock.sampleCount + SampleQueue.overlap, let first = store.first,
        abs(first.timestamp - nextTimestamp) <= Self.tolerance
      {
        decodeFirst()
      }
      let added = queue.lengthen(atMost: Int(clamping: -excess + 480), similarity: similarity)
      statistics.insertedSamplesForDeceleration += added
      noteStretch(added)
    }
  }

  private func noteStretch(_ count: Int) {
    if count > 0 {
      sinceStretch = 0
      failedStretches = 0
    } else {
      failedStretches += 1
    }
  }
}

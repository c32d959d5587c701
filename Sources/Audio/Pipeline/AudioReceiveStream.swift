import Realtime
import Synchronization

/// One sender's sound on its way from the network to the mixer.
///
/// The network thread pushes packets into `packets`; the audio thread plays them; any thread sets the volume and reads
/// the counters. `@unchecked Sendable`: `jitterBuffer`, `gain` and `samples` belong to the audio thread from the moment
/// the stream is added to a pipeline.
public final class AudioReceiveStream: @unchecked Sendable {
  /// What came from the network, to be played. Its one producer is the network thread.
  public let packets = AudioPacketRing(capacity: 64)

  let jitterBuffer: JitterBuffer
  var gain = GainRamp(from: 0, to: 1)
  var isLeaving = false
  let samples: UnsafeMutableBufferPointer<Float>

  private let volumeBits = Atomic<UInt32>(Float(1).bitPattern)
  private let minimumDelayNanoseconds = Atomic<Int64>(0)
  private let playoutBits = Atomic<UInt64>(0)
  private let board = StatisticsBoard(JitterBufferStatistics())

  /// A stream that has received nothing.
  public init() throws(OpusError) {
    jitterBuffer = try JitterBuffer()
    samples = .allocate(capacity: AudioBlock.sampleCount)
    samples.initialize(repeating: 0)
  }

  deinit { samples.deallocate() }

  /// Volume as a factor, 0 (muted) to 4; changes are heard within 10 ms, without a click.
  public var volume: Float {
    get { Float(bitPattern: volumeBits.load(ordering: .relaxed)) }
    set { volumeBits.store((newValue.isFinite ? min(4, max(0, newValue)) : 1).bitPattern, ordering: .relaxed) }
  }

  /// Sound is held back at least this long, to wait for the picture.
  public var minimumDelay: Duration {
    get { .nanoseconds(minimumDelayNanoseconds.load(ordering: .relaxed)) }
    set { minimumDelayNanoseconds.store(newValue.nanoseconds, ordering: .relaxed) }
  }

  /// What the jitter buffer has done.
  public var statistics: JitterBufferStatistics { board.value }

  /// The RTP timestamp that is heard at `heardAt`, as of the last block; nil while nothing of the sender's is played.
  /// - Parameter now: the present, within half an hour.
  public func playout(at now: Instant) -> (timestamp: UInt32, heardAt: Instant)? {
    let bits = playoutBits.load(ordering: .relaxed)
    guard bits != 0 else { return nil }
    let microseconds = now.nanoseconds / 1_000
    let distance = Int32(bitPattern: UInt32(truncatingIfNeeded: bits) &- UInt32(truncatingIfNeeded: microseconds))
    return (
      UInt32(truncatingIfNeeded: bits >> 32), Instant(nanoseconds: (microseconds + Int64(distance)) * 1_000)
    )
  }

  // MARK: Audio thread

  /// Plays the next 10 ms into `samples`.
  func pull(at now: Instant) {
    // Bounded by the ring: what comes in meanwhile waits for the next block.
    for _ in 0..<packets.count {
      packets.pop { header, payload in
        switch header.kind {
        case .primary:
          jitterBuffer.insert(
            sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, payload: payload, arrival: header.time)
        case .redundant:
          jitterBuffer.insertRedundant(timestamp: header.timestamp, payload: payload, arrival: header.time)
        }
      }
    }
    let delay = minimumDelay
    if jitterBuffer.minimumDelay != delay { jitterBuffer.minimumDelay = delay }
    jitterBuffer.pull(into: samples, at: now)
    gain.target = isLeaving ? 0 : volume
  }

  /// Publishes what was played, `heardAt` being the instant at which the block pulled last reaches the ear.
  func publish(heardAt: Instant) {
    board.publish(jitterBuffer.statistics)
    guard let playout = jitterBuffer.playout else { return playoutBits.store(0, ordering: .relaxed) }
    let microseconds = UInt32(truncatingIfNeeded: heardAt.nanoseconds / 1_000)
    // All zero bits mean nothing; a microsecond is no loss.
    let bits = UInt64(playout.timestamp) << 32 | UInt64(microseconds)
    playoutBits.store(bits == 0 ? 1 : bits, ordering: .relaxed)
  }
}

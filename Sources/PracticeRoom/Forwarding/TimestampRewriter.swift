import Realtime
import WebRTC

/// Moves the RTP timestamps of a publisher's streams onto the one line of timestamps that a receiver sees.
///
/// Each stream has its own random offset. Where both streams' clocks are known from sender reports, a switch keeps
/// them exactly together; else by the time that passed between the arrivals.
struct TimestampRewriter {
  /// An encoding's clock: `timestamp` was taken at `ntp` (RFC 3550 §6.4.1).
  struct Clock: Equatable {
    var timestamp: UInt32
    var ntp: NTPTime

    /// The timestamp that belongs to `time`, ticks at `rate` Hz.
    func timestamp(at time: NTPTime, rate: Int64) -> UInt32 {
      timestamp &+ TimestampRewriter.ticks(ntp.duration(to: time), rate: rate)
    }

    /// When `timestamp` was taken.
    func time(of other: UInt32, rate: Int64) -> NTPTime {
      let difference = Int64(Int32(bitPattern: other &- timestamp))
      return ntp.advanced(by: .nanoseconds(difference * 1_000_000_000 / rate))
    }
  }

  /// Ticks a second.
  let rate: Int64
  /// Output minus input of the present source.
  private(set) var offset: UInt32 = 0
  private var last: (output: UInt32, arrival: Instant)?
  /// The clock of what goes out, once a source's was known.
  private var outputClock: Clock?

  init(rate: Int64) {
    self.rate = rate
  }

  /// Continues with another source whose first packet has `timestamp` and arrived at `arrival`; `clock` is the source's
  /// if known.
  mutating func beginSource(timestamp: UInt32, clock: Clock?, at arrival: Instant) {
    guard let last else {
      offset = 0
      learn(clock)
      return
    }
    var output = last.output &+ Self.ticks(max(arrival - last.arrival, .milliseconds(1)), rate: rate)
    if let clock, let outputClock {
      let exact = outputClock.timestamp(at: clock.time(of: timestamp, rate: rate), rate: rate)
      // A switch at the very same picture must still move on, and a clock that lies by seconds isn't believed.
      let lead = Int64(Int32(bitPattern: exact &- last.output))
      if lead > 0 && lead < 10 * rate { output = exact }
    }
    if Int32(bitPattern: output &- last.output) <= 0 { output = last.output &+ 1 }
    offset = output &- timestamp
    if outputClock == nil { learn(clock) }
  }

  /// Takes note of the present source's clock.
  mutating func learn(_ clock: Clock?) {
    guard let clock else { return }
    outputClock = Clock(timestamp: clock.timestamp &+ offset, ntp: clock.ntp)
  }

  /// The output timestamp of a packet of the present source.
  mutating func forward(_ timestamp: UInt32, at arrival: Instant) -> UInt32 {
    let output = timestamp &+ offset
    if let last, Int32(bitPattern: output &- last.output) < 0 { return output }
    last = (output, arrival)
    return output
  }

  private static func ticks(_ duration: Duration, rate: Int64) -> UInt32 {
    let (seconds, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt32(truncatingIfNeeded: seconds &* rate &+ rest * rate / 1_000_000_000)
  }
}

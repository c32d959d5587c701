import LiveKitMessages
import SwiftProtobuf
import Realtime

/// Pings, and the judgement whether the server is still there.
struct Liveness: Sendable {
  /// The time between pings.
  let interval: Duration
  /// How long the server may be silent.
  let timeout: Duration
  /// The last measured time to the server and back.
  private(set) var roundTripTime = Duration.zero

  private var nextPing: Instant
  private var silenceEnds: Instant
  /// Unix time in milliseconds at the clock's epoch. Fixed for the session, so that a step of the wall clock doesn't
  /// spoil a round trip.
  private let unixTimeAtEpoch: Int64

  init(_ join: LKJoinResponse, unixTimeAtEpoch: Int64, at now: Instant) {
    // Seconds. A server that says nothing means its defaults.
    let interval = Duration.seconds(join.pingInterval > 0 ? min(Int(join.pingInterval), 60) : 5)
    self.interval = interval
    timeout = max(.seconds(join.pingTimeout > 0 ? min(Int(join.pingTimeout), 300) : 15), interval + .seconds(1))
    nextPing = now + interval
    silenceEnds = now + timeout
    self.unixTimeAtEpoch = unixTimeAtEpoch
  }

  var nextDeadline: Instant { min(nextPing, silenceEnds) }

  /// Any message shows that the server is there.
  mutating func messageReceived(at now: Instant) {
    silenceEnds = now + timeout
  }

  /// The newer kind of pong; the only one that says which ping it answers.
  mutating func pongReceived(_ pong: LKPong, at now: Instant) {
    let (elapsed, overflow) = milliseconds(at: now).subtractingReportingOverflow(pong.lastPingTimestamp)
    guard !overflow, elapsed >= 0, elapsed < 60_000 else { return }
    roundTripTime = .milliseconds(elapsed)
  }

  /// Whether the server has been silent for too long.
  func isSilent(at now: Instant) -> Bool { now >= silenceEnds }

  /// The pings that are due: both kinds, as old servers only know the first.
  mutating func pingsDue(at now: Instant) -> [SessionAction] {
    guard now >= nextPing else { return [] }
    nextPing = now + interval
    let timestamp = milliseconds(at: now)
    let roundTrip = Int64(roundTripTime.milliseconds)
    return [
      .send(.with { $0.ping = timestamp }),
      .send(
        .with {
          $0.pingReq.timestamp = timestamp
          $0.pingReq.rtt = roundTrip
        }),
    ]
  }

  private func milliseconds(at now: Instant) -> Int64 {
    unixTimeAtEpoch &+ now.nanoseconds / 1_000_000
  }
}

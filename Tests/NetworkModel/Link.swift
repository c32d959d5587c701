import Realtime

/// One direction of a link: tells when, if at all, a packet arrives. The same seed and packets give the same times.
public struct Link: Sendable {
  /// The treatment of packets; may be changed at any time.
  public var configuration: LinkConfiguration
  /// Packets lost so far to `loss` and `outages`.
  public private(set) var lostCount = 0
  /// Packets dropped so far by the full queue.
  public private(set) var overflowCount = 0

  private var random: SeededRandom
  private var isBad = false
  private var jitterFraction = 0.0
  private var busyUntil = Instant(nanoseconds: .min)
  private var lastArrival = Instant(nanoseconds: .min)

  /// A link whose chances come from `seed`.
  public init(_ configuration: LinkConfiguration, seed: UInt64) {
    self.configuration = configuration
    random = SeededRandom(seed: seed)
  }

  /// Sends a packet of `byteCount` bytes (without IP and UDP headers): none, one or two times of arrival.
  public mutating func send(byteCount: Int, at now: Instant) -> [Instant] {
    guard !configuration.outages.contains(where: { $0.contains(now) }) else {
      lostCount += 1
      return []
    }
    // As on a real path, what gets lost further on has used up the bottleneck too.
    guard let departure = transmit(byteCount + 28, at: now) else {
      overflowCount += 1
      return []
    }
    guard !isLost() else {
      lostCount += 1
      return []
    }
    let copies = chance(configuration.duplication) ? 2 : 1
    return (0..<copies).map { _ in arrival(of: departure) }
  }

  private mutating func chance(_ probability: Double) -> Bool {
    probability > 0 && Double.random(in: 0..<1, using: &random) < probability
  }

  private mutating func isLost() -> Bool {
    switch configuration.loss {
    case .none: return false
    case .random(let probability): return chance(probability)
    case .gilbertElliott(let goodToBad, let badToGood, let lossInGood, let lossInBad):
      if chance(isBad ? badToGood : goodToBad) { isBad.toggle() }
      return chance(isBad ? lossInBad : lossInGood)
    }
  }

  /// When the last bit leaves the queue; nil when the queue is full.
  private mutating func transmit(_ byteCount: Int, at now: Instant) -> Instant? {
    guard let rate = configuration.rate else { return now }
    let start = max(now, busyUntil)
    let waiting = now.duration(to: start).seconds * rate / 8
    guard waiting + Double(byteCount) <= Double(configuration.queueLimit) else { return nil }
    busyUntil = start + .seconds(Double(byteCount * 8) / rate)
    return busyUntil
  }

  private mutating func arrival(of departure: Instant) -> Instant {
    var arrival = departure + configuration.latency
    if configuration.jitter > .zero {
      let fresh = Double.random(in: 0..<1, using: &random)
      jitterFraction += (1 - configuration.jitterCorrelation) * (fresh - jitterFraction)
      arrival = arrival + configuration.jitter * jitterFraction
    }
    if chance(configuration.reordering) { return arrival + configuration.reorderingDelay }
    lastArrival = max(lastArrival, arrival)
    return lastArrival
  }
}

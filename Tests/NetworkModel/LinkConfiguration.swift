import Realtime

/// How one direction of a link treats packets. The default is a perfect link without delay.
public struct LinkConfiguration: Sendable {
  /// How packets get lost.
  public enum Loss: Hashable, Sendable {
    /// Not at all.
    case none
    /// Each packet on its own, with this probability.
    case random(Double)
    /// The Gilbert–Elliott model of bursts: before each packet the link changes between a good and a bad state with the
    /// given probabilities; in each state packets are lost with that state's probability.
    case gilbertElliott(goodToBad: Double, badToGood: Double, lossInGood: Double, lossInBad: Double)
  }

  /// Time of travel.
  public var latency = Duration.zero
  /// Each packet is late by up to this much, uniformly. Order is kept; see `reordering`.
  public var jitter = Duration.zero
  /// How much a packet's jitter is that of the packet before: 0 (not at all) to 1 (the same).
  public var jitterCorrelation = 0.0
  /// Losses, other than those of the queue.
  public var loss = Loss.none
  /// Probability that a packet comes twice.
  public var duplication = 0.0
  /// Probability that a packet is delayed by `reorderingDelay` while later ones pass it.
  public var reordering = 0.0
  /// How late a reordered packet is.
  public var reorderingDelay = Duration.milliseconds(20)
  /// Bits per second, counting each packet with 28 bytes of IPv4 and UDP headers; nil for no limit.
  public var rate: Double?
  /// Bytes that may wait for a rate-limited link; what comes then is dropped.
  public var queueLimit = 64_000
  /// Times in which everything sent is lost.
  public var outages: [Range<Instant>] = []

  /// A perfect link.
  public init() {}

  /// A link with a delay and random loss.
  public init(latency: Duration, jitter: Duration = .zero, loss: Double = 0) {
    self.latency = latency
    self.jitter = jitter
    self.loss = loss > 0 ? .random(loss) : .none
  }
}

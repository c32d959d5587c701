/// Learns how late packets come, and says how long sound must be held back so that nearly all of them come in time.
///
/// Every packet has a transit: its arrival less its timestamp, whose zero means nothing. The least transit of the last
/// seconds is the `base`, the network's present delay; a packet's transit above it is its relative delay. The target is
/// the 97 % quantile of the relative delays, with the past forgotten exponentially, raised to the height of delay peaks
/// that keep coming back though they are too rare for the quantile. All times are in samples at 48 kHz.
struct DelayEstimator {
  /// Width of a histogram bin: 10 ms.
  private static let binWidth: Int64 = 480
  /// Delays up to 2 s are told apart.
  private static let binCount = 200
  private static let quantile: Float = 0.97
  /// The weight that a packet of 20 ms has: the memory is about 2 s.
  private static let packetWeight: Float = 0.01
  /// The base is the least transit of the last 32 spans of 100 ms: long enough for a quick packet to be among them,
  /// short enough for a drifting sender clock (200 ppm) to move it by less than a millisecond.
  private static let spanLength: Int64 = 4_800
  private static let spanCount = 32
  /// A relative delay this far above the quantile is a peak.
  private static let peakExcess: Int64 = 2_880
  /// Packets within this time belong to one peak.
  private static let peakLength: Int64 = 24_000
  /// Peaks further apart than this are not expected again.
  private static let longestPeakInterval: Int64 = 480_000

  private var histogram: [Float]
  private var minima: [Int64]
  private var currentSpan: Int64?
  private var histogramBase: Int64 = 0
  private var packetCount = 0
  private var lastTransit: Int64?

  private var peakHeight: Int64 = 0
  private var previousPeakHeight: Int64 = 0
  private var peakStart: Int64?
  private var peakInterval: Int64?

  /// The network's present delay.
  private(set) var base: Int64 = 0
  /// What the histogram asks for, without peaks.
  private(set) var quantileDelay: Int64
  /// The interarrival jitter of RFC 3550 section 6.4.1.
  private(set) var jitter: Float = 0

  init() {
    histogram = Array(repeating: 0, count: Self.binCount)
    // Until packets have told: nearly all within 40 ms.
    histogram[3] = 1
    minima = Array(repeating: .max, count: Self.spanCount)
    quantileDelay = 4 * Self.binWidth
  }

  /// How long after the quickest packet's arrival sound is to be played, at `now`.
  func target(at now: Int64) -> Int64 {
    guard let peakStart, let peakInterval, now - peakStart <= 2 * peakInterval else { return quantileDelay }
    return max(quantileDelay, max(peakHeight, previousPeakHeight))
  }

  /// Counts a packet of `sampleCount` samples with `transit`, arrived at `now`.
  mutating func update(transit: Int64, sampleCount: Int, at now: Int64) {
    updateBase(transit: transit, at: now)
    let relative = max(0, transit - base)
    updatePeaks(relative: relative, at: now)
    packetCount += 1
    let weight = max(Self.packetWeight * Float(min(sampleCount, 2_880)) / 960, 1 / Float(packetCount + 1))
    let bin = Int(min(Int64(Self.binCount - 1), relative / Self.binWidth))
    var sum: Float = 0
    for index in histogram.indices {
      histogram[index] *= 1 - weight
      if index == bin { histogram[index] += weight }
      sum += histogram[index]
    }
    updateQuantile(sum: sum)
  }

  /// The interarrival jitter, from packets in the order of their sequence numbers only.
  mutating func updateJitter(transit: Int64) {
    if let lastTransit {
      let difference = Float(min(96_000, abs(transit - lastTransit)))
      jitter += (difference - jitter) / 16
    }
    lastTransit = transit
  }

  /// Forgets where the timestamps stood, but not how much the network jitters: for a sender that starts anew.
  mutating func rebase() {
    for index in minima.indices { minima[index] = .max }
    currentSpan = nil
    lastTransit = nil
  }

  private mutating func updateBase(transit: Int64, at now: Int64) {
    let span = now / Self.spanLength
    if let currentSpan, span > currentSpan {
      for passed in 0..<min(Int64(Self.spanCount), span - currentSpan) {
        minima[Int((span - passed) % Int64(Self.spanCount))] = .max
      }
    }
    // After a pause longer than the window nothing can be said about the old base.
    let isFirst = !minima.contains { $0 != .max }
    currentSpan = max(span, currentSpan ?? span)
    let index = Int(max(0, span) % Int64(Self.spanCount))
    minima[index] = min(minima[index], transit)
    var least = Int64.max
    for minimum in minima { least = min(least, minimum) }
    base = least
    if isFirst { histogramBase = base } else { moveHistogram() }
  }

  /// When the base moves, all delays seen before are relative to the new one.
  private mutating func moveHistogram() {
    let bins = (base - histogramBase) / Self.binWidth
    guard bins != 0 else { return }
    // Half a second at once is a sender whose clock jumped rather than a network.
    guard abs(bins) <= 50 else { return histogramBase = base }
    histogramBase += bins * Self.binWidth
    let shift = Int(max(Int64(-Self.binCount), min(Int64(Self.binCount), bins)))
    let last = Self.binCount - 1
    if shift > 0 {
      for index in 0...last {
        let mass = histogram[index]
        histogram[index] = 0
        histogram[max(0, index - shift)] += mass
      }
    } else {
      for index in stride(from: last, through: 0, by: -1) {
        let mass = histogram[index]
        histogram[index] = 0
        histogram[min(last, index - shift)] += mass
      }
    }
  }

  private mutating func updateQuantile(sum: Float) {
    var below: Float = 0
    for index in histogram.indices {
      below += histogram[index]
      if below >= Self.quantile * sum {
        quantileDelay = Int64(index + 1) * Self.binWidth
        return
      }
    }
    quantileDelay = Int64(Self.binCount) * Self.binWidth
  }

  private mutating func updatePeaks(relative: Int64, at now: Int64) {
    guard packetCount > 50,
      relative > quantileDelay + Self.peakExcess || (peakStart.map { now - $0 } ?? .max) < Self.peakLength
    else { return }
    if let start = peakStart, now - start < Self.peakLength {
      peakHeight = max(peakHeight, relative)
      return
    }
    let height = min(relative, Int64(Self.binCount) * Self.binWidth)
    if let start = peakStart, now - start <= Self.longestPeakInterval {
      peakInterval = max(now - start, peakInterval ?? 0)
      previousPeakHeight = peakHeight
    } else {
      peakInterval = nil
      previousPeakHeight = 0
    }
    peakStart = now
    peakHeight = height
  }
}

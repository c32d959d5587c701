/// How much echo is still in the canceller's output, per bin of the short-time spectrum.
///
/// Two views, of which the greater counts. The canceller's own uncertainty knows that it has just started or that the
/// loudspeaker plays what it never played before. What the canceller can't know (distortion, a tail longer than the
/// filter, a path that moves) shows as a part of the output whose power rises and falls with the echo estimate's; speech
/// in the room doesn't (after Valin 2007).
final class ResidualEchoEstimator {
  private static let bandCount = 20
  /// The canceller counts in frames of 960 samples, the spectra's window has the power of 720; and it becomes sure of
  /// itself faster than it is right.
  private static let uncertaintyScale: Float = 1.2
  /// How much of the echo's power is still there a frame later.
  private static let ringing: Float = 0.6
  /// How much of the seen echo is spread over its band: distortion puts it between the partials, too.
  private static let spread: Float = 0.5
  /// By what factor power falls from frame to frame in a room that rings for a second.
  private static let decay: Float = 0.87
  /// How fast the pattern's correlation is learnt, per frame.
  private static let patternRate: Float = 0.12

  private let bandOf: Buffer<Int32>
  private let bandStart: Buffer<Int>
  /// How much of the output rises and falls with the echo in all bands alike, 0 to 1: known within a tenth of a second,
  /// before each band's factor is. Near 1 after the echo's path changed, near 0 in double talk.
  private(set) var echoShare: Float = 0
  /// Whether there is any echo worth mentioning.
  private(set) var isActive = false
  /// The echo estimate's power in the bins of speech, fading as slowly as sound does in a room that rings for a second.
  private(set) var lingering: Float = 0
  private var pattern = Pattern()
  private var shareCovariance: Float = 0
  private var shareVariance: Float = 0
  private let visible = Regression(start: 1, least: 1e-4, most: 2, bandCount: bandCount)
  // The canceller overrates its uncertainty by up to 20 dB, after distortion and drift by less: never believe in less
  // than what experience shows to be left in the worst rooms.
  private let own = Regression(start: 1, least: 0.08, most: 1, bandCount: bandCount)
  private let recentEcho: Buffer<Float>
  private let bandMean: Buffer<Float>
  /// The seen part of the echo estimate per bin, as a share of its power.
  let leakage: Buffer<Float>
  /// The expected power of the echo per bin.
  let power: Buffer<Float>

  init() {
    let bins = SpectralFrame.binCount
    bandOf = Buffer(0, count: bins)
    bandStart = Buffer(0, count: Self.bandCount + 1)
    recentEcho = Buffer(0, count: bins)
    bandMean = Buffer(0, count: Self.bandCount)
    leakage = Buffer(0, count: bins)
    power = Buffer(0, count: bins)
    // Bands of equal width up to 1 kHz, growing from there.
    var start = 0
    for band in 0..<Self.bandCount {
      bandStart[band] = start
      start += max(6, Int(Float(start) * 0.22))
      if band == Self.bandCount - 1 { start = bins }
      for bin in bandStart[band]..<min(start, bins) { bandOf[bin] = Int32(band) }
    }
    bandStart[Self.bandCount] = bins
  }

  /// Takes one frame: the output's spectrum, the echo estimate's at the microphones (the mean power over `laneCount` of
  /// them counts), and the canceller's own expectation.
  func process(
    output: Buffer<Complex>, echo: GroupedBuffer<ComplexLanes>, laneCount: Int, expected: Buffer<Float>
  ) {
    for bin in 0..<SpectralFrame.binCount {
      var sum: Float = 0
      for group in 0..<echo.groupCount { sum += echo[group][bin].power.sum() }
      // The room rings on for longer than a frame.
      recentEcho[bin] = max(sum / Float(laneCount), Self.ringing * recentEcho[bin])
    }
    hearLingering()
    pattern = Pattern()
    for band in 0..<Self.bandCount { follow(band, output, expected) }
    isActive = pattern.count > 3
    // The pattern over the bands counts, not how loud all of it is: two talkers may well speak in one rhythm.
    shareCovariance += Self.patternRate * (pattern.covariance - shareCovariance)
    shareVariance += Self.patternRate * (pattern.variance - shareVariance)
    echoShare = isActive ? min(1, max(0, shareCovariance / (shareVariance + 0.5))) : 0
    for bin in 0..<SpectralFrame.binCount {
      let band = Int(bandOf[bin])
      leakage[bin] = visible.factor[band]
      let certain = Self.uncertaintyScale * expected[bin] * own.factor[band]
      let seen = visible.factor[band] * ((1 - Self.spread) * recentEcho[bin] + Self.spread * bandMean[band])
      power[bin] = max(certain, seen)
    }
  }

  private func hearLingering() {
    var level: Float = 0
    for bin in SpectralFrame.speechBins { level += recentEcho[bin] }
    lingering = max(level, Self.decay * lingering)
  }

  private func follow(_ band: Int, _ output: Buffer<Complex>, _ expected: Buffer<Float>) {
    var out: Float = 0
    var echo: Float = 0
    var uncertain: Float = 0
    for bin in bandStart[band]..<bandStart[band + 1] {
      out += output[bin].power
      echo += recentEcho[bin]
      uncertain += expected[bin]
    }
    bandMean[band] = echo / Float(bandStart[band + 1] - bandStart[band])
    visible.process(band, output: out, cause: echo)
    if echo > 0.05 * out { pattern.add(visible.outputDeviation, visible.causeDeviation) }
    own.process(band, output: out, cause: uncertain)
  }
}

/// Sums over the bands of one frame.
private struct Pattern {
  private(set) var count: Float = 0
  private var outputs: Float = 0
  private var causes: Float = 0
  private var products: Float = 0
  private var squares: Float = 0

  mutating func add(_ output: Float, _ cause: Float) {
    count += 1
    outputs += output
    causes += cause
    products += output * cause
    squares += cause * cause
  }

  var covariance: Float { products - outputs * causes / max(count, 1) }
  var variance: Float { squares - causes * causes / max(count, 1) }
}

/// How much of the output's power in each band follows another power.
private final class Regression {
  /// How fast the factor is learnt per frame where there is nothing but the cause.
  private static let rate: Float = 0.03
  /// The same of the means that the deviations are taken from.
  private static let meanRate: Float = 0.06

  let factor: Buffer<Float>
  private let least: Float
  private let most: Float
  private let outputMean: Buffer<Float>
  private let causeMean: Buffer<Float>
  private let covariance: Buffer<Float>
  private let variance: Buffer<Float>

  init(start: Float, least: Float, most: Float, bandCount: Int) {
    self.least = least
    self.most = most
    factor = Buffer(start, count: bandCount)
    outputMean = Buffer(0, count: bandCount)
    causeMean = Buffer(0, count: bandCount)
    covariance = Buffer(0, count: bandCount)
    variance = Buffer(0, count: bandCount)
  }
  /// Of the band last processed: by how much both deviate from their means, as shares of these.
  private(set) var outputDeviation: Float = 0
  private(set) var causeDeviation: Float = 0

  func process(_ band: Int, output: Float, cause: Float) {
    let a = output - outputMean[band]
    let b = cause - causeMean[band]
    outputDeviation = min(3, a / (outputMean[band] + 1e-9))
    causeDeviation = min(3, b / (causeMean[band] + 1e-9))
    outputMean[band] += Self.meanRate * a
    causeMean[band] += Self.meanRate * b
    // Where the cause is weak, little is learnt.
    let rate = Self.rate * cause / (cause + output + 1e-9)
    covariance[band] += rate * (a * b - covariance[band])
    variance[band] += rate * (b * b - variance[band])
    guard variance[band] > 1e-16 else { return }
    factor[band] = min(most, max(least, covariance[band] / variance[band]))
  }
}

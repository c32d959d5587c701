import Realtime

/// Learns a sample clock from what a device says of itself: "at this instant it stood at that sample". Gives the instant
/// of any sample, and by how much the clock runs fast, smoothed over the granularity of what devices say.
///
/// A Kalman filter of two states, the clock's phase and its rate: at first it believes each observation as far as few of
/// them can be believed, and settles to a control loop of second order with a bandwidth of 0.02 Hz, wide enough for the
/// way in which crystals change with warmth. Reads no clock and allocates nothing.
public struct SampleClockEstimator: Sendable {
  /// What observations scatter by, s²: devices move their pointers in steps of up to a millisecond.
  private static let observationVariance = 0.3e-3 * 0.3e-3
  /// By how much the rate may wander, 1/s.
  private static let rateDiffusion = 2.2e-13
  /// What crystals deviate by at first, squared.
  private static let initialRateVariance = 150e-6 * 150e-6
  /// No crystal is worse; what says so is mistaken.
  private static let largestDeviation = 2_000e-6

  /// Observations before which an error of `youngTolerance` seconds is taken to be a leap.
  private static let youth = 100
  private static let youngTolerance = 0.003

  /// Nominal samples per second.
  public let sampleRate: Int
  /// An observation further off, in seconds, is that of another clock: the device was stopped or exchanged meanwhile.
  public let tolerance: Double
  /// Observations since the start.
  public private(set) var observationCount = 0
  /// How often the clock had to be learned anew.
  public private(set) var restartCount = 0

  private var position = 0.0
  private var time: Int64 = 0
  /// Part of a nanosecond that `time` can't hold.
  private var remainder = 0.0
  /// Seconds that pass in a nominal second of the device, less 1.
  private var deviation = 0.0
  private var phaseVariance = 0.0
  private var covariance = 0.0
  private var rateVariance = 0.0

  /// A clock of `sampleRate` samples per second of which nothing is known.
  public init(sampleRate: Int, tolerance: Double = 0.05) {
    self.sampleRate = sampleRate
    self.tolerance = tolerance
  }

  /// By how many millionths the device's clock runs fast.
  public var partsPerMillion: Double { (1 / (1 + deviation) - 1) * 1e6 }

  /// Seconds from one sample to the next.
  public var secondsPerSample: Double { (1 + deviation) / Double(sampleRate) }

  /// The standard deviation of the rate, as far as the filter knows: 10 ppm after some seconds.
  public var uncertaintyPartsPerMillion: Double { observationCount == 0 ? 1e6 : rateVariance.squareRoot() * 1e6 }

  /// Starts anew at the next observation, but keeps the rate: the device was stopped, its crystal wasn't.
  public mutating func restart() {
    if observationCount > 0 { restartCount += 1 }
    observationCount = 0
  }

  /// Takes the observation that sample `position` passed the device's converter at `instant`. Positions don't decrease.
  public mutating func observe(position observed: Int64, at instant: Instant) {
    guard observationCount > 0 else { return begin(Double(observed), instant) }
    let nominal = (Double(observed) - position) / Double(sampleRate)
    guard nominal >= 0 else { return }
    predict(nominal)
    position = Double(observed)
    let error = Double(instant.nanoseconds - time) * 1e-9 - remainder * 1e-9
    // A device that has just been started moves its pointer by leaps at first.
    let isYoung = observationCount < Self.youth && rateVariance > 20e-6 * 20e-6
    guard abs(error) < (isYoung ? min(tolerance, Self.youngTolerance) : tolerance) else {
      restartCount += 1
      return begin(Double(observed), instant)
    }
    correct(error)
    observationCount += 1
  }

  /// When sample `position`, which may lie between two, passes the converter.
  public func time(of position: Double) -> Instant {
    let seconds = (position - self.position) * secondsPerSample
    return Instant(nanoseconds: time + Int64((seconds * 1e9 + remainder).rounded()))
  }

  private mutating func begin(_ observed: Double, _ instant: Instant) {
    position = observed
    time = instant.nanoseconds
    remainder = 0
    phaseVariance = Self.observationVariance
    covariance = 0
    // A rate that was known is believed on, with some doubt.
    rateVariance = rateVariance == 0 ? Self.initialRateVariance : max(rateVariance, 5e-6 * 5e-6)
    observationCount = 1
  }

  private mutating func predict(_ nominal: Double) {
    advance(nominal * (1 + deviation) * 1e9)
    phaseVariance += 2 * nominal * covariance + nominal * nominal * rateVariance
    covariance += nominal * rateVariance
    rateVariance += Self.rateDiffusion * nominal
  }

  private mutating func correct(_ error: Double) {
    let total = phaseVariance + Self.observationVariance
    let phaseGain = phaseVariance / total
    let rateGain = covariance / total
    // One observation far off, from a thread that was interrupted, must not throw the clock off its course.
    let bound = 4 * total.squareRoot()
    let error = min(max(error, -bound), bound)
    advance(phaseGain * error * 1e9)
    deviation = min(max(deviation + rateGain * error, -Self.largestDeviation), Self.largestDeviation)
    rateVariance -= rateGain * covariance
    covariance -= phaseGain * covariance
    phaseVariance -= phaseGain * phaseVariance
  }

  private mutating func advance(_ nanoseconds: Double) {
    let sum = remainder + nanoseconds
    let whole = sum.rounded(.down)
    time += Int64(whole)
    remainder = sum - whole
  }
}

import Audio
import Glibc
import Realtime
import Testing

@Suite("Clocks of sound devices")
struct ClockTests {
  /// A device that moves its pointer in steps of a millisecond, and says so somewhat later.
  private struct Pointer {
    let partsPerMillion: Double
    var granule = 48.0
    var start: Int64 = 1_000_000_000_000
    /// Part of `partsPerMillion` that comes and goes with the day's warmth.
    var swing = 0.0

    /// The exact position at `now`.
    func exact(_ now: Int64) -> Double {
      let seconds = Double(now - start) * 1e-9
      guard swing != 0 else { return 48_000 * seconds * (1 + partsPerMillion * 1e-6) }
      let day = 86_400 / (2 * Double.pi)
      let warmth = swing * 1e-6 * day * (1 - cos(seconds / day))
      return 48_000 * (seconds * (1 + partsPerMillion * 1e-6) + warmth)
    }

    func position(_ now: Int64) -> Int64 { Int64((exact(now) / granule).rounded(.down) * granule) }
  }

  /// A fine pointer, and one whose steps of a millisecond creep through the blocks, which no filter can tell from drift in
  /// less time than they take.
  @Test("the rate is known after ten seconds, better after a minute", arguments: [1.0, 48], [-500.0, 0, 90, 500])
  func convergence(granule: Double, partsPerMillion: Double) {
    let device = Pointer(partsPerMillion: partsPerMillion, granule: granule)
    var random = SeededRandom(seed: 1)
    var clock = SampleClockEstimator(sampleRate: 48_000)
    for index in 0..<6_000 {
      let now = device.start + Int64(index) * 10_000_000 + Int64.random(in: 0..<300_000, using: &random)
      clock.observe(position: device.position(now), at: Instant(nanoseconds: now))
      if index == 1_000 { #expect(abs(clock.partsPerMillion - partsPerMillion) < (granule == 1 ? 3 : 100)) }
    }
    #expect(abs(clock.partsPerMillion - partsPerMillion) < (granule == 1 ? 0.5 : 10))
    let now = device.start + 61_000_000_000
    let predicted = clock.time(of: device.exact(now))
    // Pointers lag by half a step on average, which nobody can see from within.
    let bound = granule == 1 ? 20_000 : 600_000
    #expect(abs(predicted.nanoseconds - now - Int64(granule * 10_417)) < bound)
    #expect(clock.restartCount == 0)
  }

  @Test(
    "a thread held up for 40 ms doesn't throw the clock off, a stopped device makes it start anew with the rate it had")
  func disturbances() {
    let device = Pointer(partsPerMillion: 120, granule: 1)
    var clock = SampleClockEstimator(sampleRate: 48_000)
    for index in 0..<6_000 {
      let now = device.start + Int64(index) * 10_000_000
      clock.observe(
        position: device.position(now), at: Instant(nanoseconds: now + (index % 997 == 996 ? 40_000_000 : 0)))
    }
    #expect(abs(clock.partsPerMillion - 120) < 5)
    let now = device.start + 60_500_000_000
    // It stood still for half a second.
    clock.observe(position: device.position(now - 500_000_000), at: Instant(nanoseconds: now))
    #expect(clock.restartCount == 1)
    #expect(abs(clock.partsPerMillion - 120) < 5)
  }

  /// Runs both devices and the steering, without sound, and gives the delays seen from outside, in seconds: the true ones.
  private func run(
    hours: Double, capture: Pointer, playback: Pointer, skipping first: Int = 6_000
  ) -> (least: Double, most: Double, least0: Double, most0: Double, lost: Int, ratio: Double) {
    var steering = PlaybackSteering(sourceRate: 48_000, sinkRate: 48_000, target: 0.012)
    var random = SeededRandom(seed: 7)
    var (place, written) = (0.0, Int64(0))
    var (least, most, lost) = (1.0, 0.0, 0)
    var (leastFill, mostFill) = (1e9, 0.0)
    var ratio = 1.0
    let blocks = Int(hours * 360_000)
    // When the capture device has its sample n: inverted by steps of the machine's clock, which is near enough.
    var now = capture.start
    for block in 1...blocks {
      let wanted = Double(block * 480)
      for _ in 0..<2 { now += Int64((wanted - capture.exact(now)) / 48_000 * 1e9) }
      // The thread wakes late, at random.
      let awake = now + Int64.random(in: 0..<400_000, using: &random)
      steering.observeSource(position: Int64(block * 480), at: Instant(nanoseconds: now))
      if written == 0 { written = playback.position(awake) + 576 }
      steering.observeSink(position: playback.position(awake), at: Instant(nanoseconds: awake))
      let decision = steering.decide(next: place + 480, written: written)
      if decision.isLost { lost += 1 }
      // As the resampler counts: the samples that fit into this block.
      let end = wanted - 480
      let count = Int(((end - place) / decision.step).rounded(.up))
      place += Double(max(0, count)) * decision.step
      written += Int64(max(0, count))
      if block > first {
        // The distance of what is written to what is heard at the instant when the block was captured.
        let delay = (Double(written) - playback.exact(now)) / 48_000 - (place - end) / 48_000
        (least, most) = (min(least, delay), max(most, delay))
        let fill = Double(written) - playback.exact(awake)
        (leastFill, mostFill) = (min(leastFill, fill), max(mostFill, fill))
      }
      ratio = decision.step
    }
    return (least, most, leastFill, mostFill, lost, ratio)
  }

  @Test(
    "over 24 hours the delay stays within a quarter of a millisecond, whatever the clocks do",
    arguments: [(200.0, -200.0), (-200, 200)])
  func day(drifts: (Double, Double)) {
    // The capture device's rate goes up and down by 5 ppm in the day as well.
    let result = run(
      hours: 24, capture: Pointer(partsPerMillion: drifts.0, swing: 5),
      playback: Pointer(partsPerMillion: drifts.1, granule: 48))
    #expect(result.most - result.least < 0.25e-3, "\(result)")
    #expect(result.least0 > 480 && result.most0 < 1_200, "\(result)")
    #expect(result.lost == 0)
  }
}

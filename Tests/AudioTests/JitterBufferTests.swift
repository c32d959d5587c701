import Audio
import Realtime
import Testing

@Suite("Jitter buffer")
struct JitterBufferTests {
  /// Prints what a schedule did, so that a change for the worse is seen before it breaks a bound.
  private func report(_ name: String, _ run: JitterSimulation, detuning: Double, clicks: Int) {
    let last = run.delays.last
    print(
      "\(name): concealed \(run.concealment * 100) %, stretched \(run.stretched), detuning \(detuning) Hz, "
        + "clicks \(clicks), delay \(last?.current ?? 0) ms, target \(last?.target ?? 0) ms, "
        + "FEC \(run.statistics.forwardErrorCorrectionPackets), RED \(run.statistics.redundantPackets), "
        + "late \(run.statistics.packetsDiscardedLate)")
  }

  @Test("the click detector finds a click that was put in, and none in the tone itself")
  func clickDetector() {
    var tone = TestSignal.tone(440, count: 48_000)
    #expect(SignalMeasurement.clicks(tone[...]).isEmpty)
    for index in 24_000..<48_000 { tone[index] += 0.03 }
    #expect(SignalMeasurement.clicks(tone[...]).count == 1)
    // A jump of phase, as a careless splice has it.
    let spliced = TestSignal.tone(440, count: 24_000) + TestSignal.tone(440, count: 24_000, from: 24_027)
    #expect(SignalMeasurement.clicks(spliced[...]).count == 1)
  }

  @Test("a constant delay is passed through untouched with little added delay")
  func constantDelay() throws {
    let run = try JitterSimulation.run(JitterSimulation.arrivals(count: 500) { _ in 30 }, seconds: 10)
    let detuning = run.largestDetuning(from: 2, to: 10)
    let clicks = run.clicks(from: 1.5, to: 10)
    report("constant", run, detuning: detuning, clicks: clicks.count)
    #expect(detuning < 0.2)
    #expect(clicks.isEmpty)
    #expect(run.concealment < 0.001)
    #expect(run.delays.filter { $0.time > 5 }.allSatisfy { $0.current <= 40 })
  }

  @Test("jitter up to 80 ms costs nothing but delay", arguments: [1, 2, 3])
  func jitter(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let arrivals = JitterSimulation.arrivals(count: 1_500) { _ in Double.random(in: 0...80, using: &random) }
    let run = try JitterSimulation.run(arrivals, seconds: 30)
    let detuning = run.largestDetuning(from: 4, to: 30)
    let clicks = run.clicks(from: 4, to: 30)
    report("jitter", run, detuning: detuning, clicks: clicks.count)
    #expect(detuning < 1)
    #expect(clicks.isEmpty)
    #expect(run.concealment < 0.01)
    #expect(run.delays.filter { $0.time > 10 }.allSatisfy { $0.current <= 130 })
  }
}

import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Microphone front end over a long time")
struct FrontEndEnduranceTests {
  /// Processor time of this thread in seconds.
  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Runs `seconds` of sound, or of digital silence, and gives the processor time it took.
  private func run(
    _ frontEnd: MicrophoneFrontEnd, seconds: Int, from start: Int, sound: [Float]?, output: AudioBlock
  ) -> Double {
    let capture = AudioBlock(channelCount: 2)
    let reference = AudioBlock(channelCount: 1)
    var time = 0.0
    for block in 0..<seconds * 100 {
      for index in 0..<480 {
        let place = (start + block) * 480 + index
        let played = sound.map { $0[place % $0.count] } ?? 0
        let echo = sound.map { $0[(place + $0.count - 1_500) % $0.count] * 0.3 } ?? 0
        reference.channel(0)[index] = played
        capture.channel(0)[index] = echo
        capture.channel(1)[index] = echo * 0.9
      }
      let before = Self.processorTime
      frontEnd.process(capture: capture, reference: reference, into: output)
      time += Self.processorTime - before
    }
    return time
  }

  @Test("neither time nor digital silence makes it slower or louder")
  func endurance() throws {
    var random = FrontEndSignal(seed: 91)
    let sound = random.babble(48_000 * 5, peak: 0.3)
    let array = try MicrophoneArray(microphones: [.init(x: -0.03, y: 0, z: 0), .init(x: 0.03, y: 0, z: 0)])
    let frontEnd = MicrophoneFrontEnd(array: array, referenceCount: 1)
    let output = AudioBlock(channelCount: 1)
    let first = run(frontEnd, seconds: 20, from: 0, sound: sound, output: output)
    // Long enough for all that decays to have come to where numbers become denormal.
    _ = run(frontEnd, seconds: 100, from: 0, sound: nil, output: output)
    let silent = run(frontEnd, seconds: 20, from: 0, sound: nil, output: output)
    #expect(silent < 1.5 * first, "\(silent) s for silence, \(first) s for sound")
    #expect(output.channel(0).allSatisfy { abs($0) < 1e-3 })
    let last = run(frontEnd, seconds: 20, from: 0, sound: sound, output: output)
    #expect(last < 1.5 * first, "\(last) s at last, \(first) s at first")
    let report = frontEnd.report
    #expect(report.echoReturnLossEnhancement > 10)
    #expect(report.gain.isFinite && report.driftPPM.isFinite)
  }
}

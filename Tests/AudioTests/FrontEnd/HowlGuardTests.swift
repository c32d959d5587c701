import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Howling")
struct HowlGuardTests {
  /// Runs a front end of one microphone; `next(block)` gives the samples.
  private func run(blocks: Int, _ next: (Int, [Float]) -> [Float]) -> (sent: [Float], report: MicrophoneFrontEndReport)
  {
    let frontEnd = MicrophoneFrontEnd(array: MicrophoneArray(unknownCount: 1), referenceCount: 1)
    let input = AudioBlock(channelCount: 1)
    let output = AudioBlock(channelCount: 1)
    var sent: [Float] = []
    for block in 0..<blocks {
      _ = input.channel(0).update(fromContentsOf: next(block, sent))
      frontEnd.process(capture: input, reference: nil, into: output)
      sent += Array(output.channel(0))
    }
    return (sent, frontEnd.report)
  }

  @Test("a tone that grows is turned down within a second, and told of", arguments: [315.0, 1_234, 3_800])
  func growingTone(frequency: Double) throws {
    let result = run(blocks: 400) { block, _ in
      (0..<480).map { index in
        let time = Double(block * 480 + index) / 48_000
        return Float(min(0.3, 0.003 * pow(2, 4 * time)) * sin(2 * .pi * frequency * time))
      }
    }
    let found = try #require(result.report.howlFrequency)
    #expect(abs(found - frequency) < 40)
    let end = FrontEndSignal.level(result.sent[170_000...])
    #expect(end < -40, "\(end) dB")
  }

  @Test("a voice isn't taken for a howl")
  func voice() {
    let speech = TestSignal.babble(count: 480 * 1_000, amplitude: 0.3)
    let result = run(blocks: 1_000) { block, _ in Array(speech[block * 480..<(block + 1) * 480]) }
    #expect(result.report.howlFrequency == nil)
  }

  @Test("a loop through a far end's loudspeaker in the same room doesn't run away")
  func loop() {
    var random = FrontEndSignal(seed: 61)
    // What is sent comes back 180 ms later through a room that favours a frequency, louder than it was.
    var memory: (Float, Float) = (0, 0)
    let (radius, angle) = (Float(0.985), Float(2 * Double.pi * 900 / 48_000))
    let result = run(blocks: 2_000) { block, sent in
      (0..<480).map { index in
        let at = block * 480 + index - 8_640
        let input = at >= 0 ? sent[at] : 0
        let value = 0.02 * input + 2 * radius * cosf(angle) * memory.0 - radius * radius * memory.1
        memory = (value, memory.0)
        let spark: Float = block % 100 < 5 ? 0.03 * random.uniform() : 0.0005 * random.uniform()
        return 1.2 * value + spark
      }
    }
    let end = FrontEndSignal.level(result.sent[(480 * 1_500)...])
    // Unchecked, it ends at the limiter, at -3 dB.
    #expect(end < -20, "\(end) dB")
  }
}

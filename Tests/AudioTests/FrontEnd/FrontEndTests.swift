import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Microphone front end")
struct FrontEndTests {
  private func pair() throws -> MicrophoneArray {
    try MicrophoneArray(microphones: [.init(x: -0.03, y: 0, z: 0), .init(x: 0.03, y: 0, z: 0)])
  }

  /// Runs a front end over `capture`, the same on both microphones.
  private func run(_ capture: [Float], reference: [Float]? = nil) throws -> [Float] {
    let frontEnd = MicrophoneFrontEnd(array: try pair(), referenceCount: 1)
    let input = AudioBlock(channelCount: 2)
    let played = AudioBlock(channelCount: 1)
    let output = AudioBlock(channelCount: 1)
    var result: [Float] = []
    for start in stride(from: 0, to: capture.count - 479, by: 480) {
      for sample in 0..<480 {
        input.channel(0)[sample] = capture[start + sample]
        input.channel(1)[sample] = capture[start + sample]
        played.channel(0)[sample] = reference?[start + sample] ?? 0
      }
      frontEnd.process(capture: input, reference: reference == nil ? nil : played, into: output)
      result += Array(output.channel(0))
    }
    return result
  }

  @Test("whatever comes in, what goes out is a number within full scale")
  func insaneInput() throws {
    var random = FrontEndSignal(seed: 31)
    let count = 48_000
    let signals: [[Float]] = [
      [Float](repeating: 0, count: count), [Float](repeating: 0.9, count: count),
      [Float](repeating: .nan, count: count), [Float](repeating: .infinity, count: count),
      (0..<count).map { $0 / 50 % 2 == 0 ? 1 : -1 }, random.noise(count, peak: 4),
      (0..<count).map { $0 % 7_001 == 0 ? 1 : Float.leastNonzeroMagnitude },
    ]
    for capture in signals {
      for reference in signals {
        #expect(try run(capture, reference: reference).allSatisfy { $0.isFinite && abs($0) <= 1 })
      }
    }
  }

  @Test("the echo alone goes down to where nobody hears it")
  func farEndOnly() throws {
    var random = FrontEndSignal(seed: 32)
    let reference = random.babble(48_000 * 8, peak: 0.3)
    let response = random.response(6_000, reverberation: 0.25, gain: 0.03)
    let noise = random.noise(48_000 * 8, peak: 0.0003)
    let echo = zip(FrontEndSignal.convolve(reference, response, delay: 2_400), noise).map { $0 + $1 }
    let output = try run(echo, reference: reference)
    let late = 48_000 * 5..<output.count
    #expect(FrontEndSignal.level(echo[late]) - FrontEndSignal.level(output[late]) > 40)
  }

  @Test("steady noise goes down by 13 dB and more")
  func noise() throws {
    var random = FrontEndSignal(seed: 33)
    let noise = random.noise(48_000 * 4, peak: 0.01)
    let output = try run(noise)
    let late = 48_000 * 2..<output.count
    #expect(FrontEndSignal.level(noise[late]) - FrontEndSignal.level(output[late]) > 13)
  }

  @Test("a microphone that is lost in the middle of a call is left out, and the talker is heard as before")
  func lostMicrophone() throws {
    var random = FrontEndSignal(seed: 34)
    let count = 48_000 * 9
    let speech = random.babble(count, peak: 0.2)
    let noise = random.noise(count, peak: 0.0003)
    let array = try MicrophoneArray(
      microphones: [(0.04, 0), (0, 0.04), (-0.04, 0), (0, -0.04)].map { .init(x: $0, y: $1, z: 0) })
    let frontEnd = MicrophoneFrontEnd(array: array, referenceCount: 1)
    let input = AudioBlock(channelCount: 4)
    let output = AudioBlock(channelCount: 1)
    var result: [Float] = []
    for start in stride(from: 0, to: count, by: 480) {
      for channel in 0..<4 {
        for sample in 0..<480 {
          let isLost = channel == 0 && start > 48_000 * 3
          input.channel(channel)[sample] = isLost ? 0 : speech[start + sample] + noise[start + sample]
        }
      }
      frontEnd.process(capture: input, reference: nil, into: output)
      result += Array(output.channel(0))
      if start == 48_000 * 2 { #expect(frontEnd.report.faultyMicrophones.isEmpty) }
    }
    #expect(frontEnd.report.faultyMicrophones == [0])
    #expect(frontEnd.report.isReferenceSilent)
    let before = FrontEndSignal.level(result[48_000 * 2..<48_000 * 3])
    let after = FrontEndSignal.level(result[48_000 * 8..<48_000 * 9])
    #expect(abs(after - before) < 3)
  }
}

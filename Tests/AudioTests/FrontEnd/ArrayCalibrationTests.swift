import Testing

@testable import Audio

@Suite("Calibrated array")
struct ArrayCalibrationTests {
  @Test("microphones that differ in gain and delay come out alike")
  func alignment() throws {
    let gains = [0.0, 3, -2, 1]
    let lags = [2.0, -3, 0, 5]
    let aligner = try #require(
      MicrophoneAligner(
        ArrayCalibration(microphones: zip(gains, lags).map { ArrayCalibration.Microphone(gain: $0, lag: $1) }),
        channelCount: 4))
    #expect(aligner.latency == 5)
    var random = FrontEndSignal(seed: 77)
    let sound = random.noise(480 * 20, peak: 0.5)
    let block = AudioBlock(channelCount: 4)
    var result = [[Float]](repeating: [], count: 4)
    for start in stride(from: 0, to: sound.count, by: 480) {
      for channel in 0..<4 {
        for index in 0..<480 {
          let at = start + index - Int(lags[channel])
          let value = sound.indices.contains(at) ? sound[at] : 0
          block.channel(channel)[index] = value * AudioLevel.amplitude(decibels: Float(gains[channel]))
        }
      }
      aligner.process(block)
      for channel in 0..<4 { result[channel] += block.channel(channel) }
    }
    for channel in 0..<4 {
      #expect((100..<9_000).allSatisfy { abs(result[channel][$0 + 5] - sound[$0]) < 1e-5 })
    }
  }

  @Test("nothing is done where nothing differs, or for another number of microphones")
  func nothingToDo() {
    let even = ArrayCalibration(microphones: [.init(gain: 0, lag: 0), .init(gain: 0.01, lag: 0.1)])
    #expect(MicrophoneAligner(even, channelCount: 2) == nil)
    #expect(MicrophoneAligner(ArrayCalibration(microphones: [.init(gain: 3, lag: 0)]), channelCount: 2) == nil)
  }
}

import Testing

@testable import Audio

@Suite("Microphone health")
struct MicrophoneHealthTests {
  /// Runs `seconds` of noise on four microphones; `change` may alter a sample of a microphone.
  private func run(
    _ health: MicrophoneHealth, seconds: Float, level: Float = 0.01, change: (Int, Float) -> Float = { $1 }
  ) {
    var random = FrontEndSignal(seed: 61)
    let blocks = GroupedBuffer(Lanes.zero, groupCount: 1, count: AudioBlock.sampleCount)
    for _ in 0..<Int(seconds * 100) {
      for sample in 0..<AudioBlock.sampleCount {
        for microphone in 0..<4 { blocks[0][sample][microphone] = change(microphone, level * random.uniform()) }
      }
      health.process(blocks)
    }
  }

  @Test("microphones that hear alike are well, within their tolerance, and so are those of a muted array")
  func healthy() {
    let health = MicrophoneHealth(microphoneCount: 4)
    run(health, seconds: 4) { $0 == 1 ? 2 * $1 : $1 }
    #expect(health.faultyCount == 0)
    run(health, seconds: 12, level: 0)
    #expect(health.faultyCount == 0)
  }

  @Test("a lost microphone is found within four seconds, and used again when it is back")
  func lost() {
    let health = MicrophoneHealth(microphoneCount: 4)
    run(health, seconds: 2)
    run(health, seconds: 4) { $0 == 0 ? 0 : $1 }
    #expect(health.isFaulty(0))
    #expect(health.faultyCount == 1)
    #expect(health.firstHealthy == 1)
    run(health, seconds: 4)
    #expect(health.faultyCount == 0)
    #expect(health.firstHealthy == 0)
  }

  @Test("a microphone that is stuck at a value and one that only crackles are found", arguments: [0.7, 30] as [Float])
  func stuck(value: Float) {
    let health = MicrophoneHealth(microphoneCount: 4)
    run(health, seconds: 8) { $0 == 2 ? (value < 1 ? value : value * $1) : $1 }
    #expect(health.isFaulty(2))
    #expect(health.faultyCount == 1)
  }

  @Test("overload is told apart from loud sound")
  func overload() {
    let health = MicrophoneHealth(microphoneCount: 4)
    run(health, seconds: 2, level: 0.9) { $0 == 3 ? min(1, max(-1, 2 * $1)) : $1 }
    #expect(health.isOverloaded(3))
    #expect(!health.isOverloaded(0))
    #expect(health.faultyCount == 0)
  }
}

import Audio
import Testing

@Suite("Sound that ends abruptly")
struct SoundTailTests {
  private func following(_ sound: [Float], count: Int = 240) -> [Float] {
    let tail = SoundTail(count: count)
    return sound.withUnsafeBufferPointer { sound in
      guard let start = sound.baseAddress else { return [] }
      return Array(UnsafeBufferPointer(start: tail.following(start), count: count))
    }
  }

  @Test("a tone goes on in its phase and dies away", arguments: [110.0, 440, 997, 5_000, 13_000])
  func tone(frequency: Double) {
    let sound = TestSignal.tone(frequency, count: 480)
    let tail = following(sound)
    let ideal = TestSignal.tone(frequency, count: 240, from: 480)
    for index in 0..<24 { #expect(abs(tail[index] - ideal[index]) < 0.02) }
    #expect(abs(tail[239]) < 1e-3)
    #expect(
      SignalMeasurement.clicks(
        (TestSignal.tone(frequency, count: 9_600, from: -9_120) + tail + [Float](repeating: 0, count: 4_800))[...]
      ).isEmpty)
  }

  @Test("noise stays within its bounds, silence stays silent, and what isn't sound becomes silence")
  func others() {
    let noise = TestSignal.noise(amplitude: 0.5, count: 480, seed: 7)
    #expect(SignalMeasurement.peak(following(noise)[...]) <= 1)
    for value: Float in [0, .nan, .infinity] {
      #expect(following([Float](repeating: value, count: 480)).allSatisfy { $0 == 0 })
    }
  }

  @Test("a splice begins as the old sound would have gone on, and ends as the new")
  func splice() {
    let tail = SoundTail(count: 240)
    let old = TestSignal.tone(300, count: 480)
    var new = TestSignal.tone(700, count: 480)
    let unspliced = new
    old.withUnsafeBufferPointer { old in
      new.withUnsafeMutableBufferPointer { new in
        guard let before = old.baseAddress, let after = new.baseAddress else { return }
        tail.splice(tail.following(before), into: after)
      }
    }
    #expect(abs(new[0] - TestSignal.tone(300, count: 1, from: 480)[0]) < 0.01)
    #expect(new[240...] == unspliced[240...])
  }
}

import Audio
import Testing

@Suite("Mixer")
struct MixerTests {
  private func mix(_ inputs: [[Float]]) -> [Float] {
    let mixer = AudioMixer()
    var gains = inputs.map { _ in GainRamp(from: 1, to: 1) }
    var output: [Float] = []
    var block = [Float](repeating: 0, count: 480)
    for start in stride(from: 0, to: inputs[0].count, by: 480) {
      for (index, input) in inputs.enumerated() {
        var samples = Array(input[start..<start + 480])
        samples.withUnsafeMutableBufferPointer { mixer.add($0, gain: &gains[index]) }
      }
      block.withUnsafeMutableBufferPointer { mixer.finish(into: $0) }
      output += block
    }
    return output
  }

  @Test("one speaker passes bit by bit, up to full scale")
  func transparency() {
    let input = TestSignal.noise(amplitude: 1, count: 48_000, seed: 1)
    let output = mix([input])
    let changed = zip(output[AudioMixer.latency...], input).count { $0 != $1 }
    #expect(changed == 0)
  }

  @Test("one speaker passes bit by bit again once a loud moment is over")
  func recovery() {
    var input = TestSignal.tone(440, amplitude: 0.5, count: 96_000)
    for index in 10_000..<12_000 { input[index] *= 6 }
    let output = mix([input])
    #expect(SignalMeasurement.peak(output[...]) <= 1)
    let changedLater = zip(output[(72_000 + AudioMixer.latency)...], input[72_000...]).count { $0 != $1 }
    let changedThen = zip(output[(11_000 + AudioMixer.latency)...], input[11_000..<12_000]).count { $0 != $1 }
    #expect(changedLater == 0)
    #expect(changedThen > 900)
  }

  @Test("twenty speakers at full scale never exceed full scale, and aren't torn to pieces")
  func twentySpeakers() {
    let inputs = (0..<20).map { TestSignal.tone(200 + 37 * Double($0), amplitude: 1, count: 48_000) }
    let output = mix(inputs)
    #expect(SignalMeasurement.peak(output[...]) <= 1)
    #expect(SignalMeasurement.clicks(output[4_800...]).isEmpty)
    #expect(SignalMeasurement.level(output[4_800...]) > 0.15)
  }

  @Test("a sudden full-scale step, infinity and not-a-number stay within full scale")
  func extremes() {
    var input = [Float](repeating: 0, count: 9_600)
    for index in 4_000..<5_000 { input[index] = 50 }
    input[6_000] = .infinity
    input[7_000] = .nan
    input[8_000] = -.greatestFiniteMagnitude
    #expect(SignalMeasurement.peak(mix([input])[...]) <= 1)
  }

  @Test("a loud tone is turned down without distortion")
  func limitedTone() {
    let output = mix([TestSignal.tone(440, amplitude: 2, count: 96_000)])
    #expect(SignalMeasurement.peak(output[...]) <= 1)
    #expect(SignalMeasurement.toneToNoise(output[48_000...], frequency: 440) > 40)
    #expect(SignalMeasurement.level(output[48_000...]) > 0.66)
  }

  @Test("a change of volume and muting make no click")
  func ramps() {
    let mixer = AudioMixer()
    var gain = GainRamp(from: 0, to: 1)
    var output: [Float] = []
    var block = [Float](repeating: 0, count: 480)
    let tone = TestSignal.tone(440, count: 48_000)
    for (index, start) in stride(from: 0, to: 48_000, by: 480).enumerated() {
      gain.target = index < 30 ? 1 : index < 60 ? 0.25 : 0
      var samples = Array(tone[start..<start + 480])
      samples.withUnsafeMutableBufferPointer { mixer.add($0, gain: &gain) }
      block.withUnsafeMutableBufferPointer { mixer.finish(into: $0) }
      output += block
    }
    #expect(SignalMeasurement.clicks(output[...]).isEmpty)
    #expect(gain.isSilent)
    let rest = SignalMeasurement.level(output[40_000...])
    #expect(rest == 0)
    // The detector would have heard it without the ramps.
    var cut = tone
    for index in 14_430..<48_000 { cut[index] = 0 }
    #expect(!SignalMeasurement.clicks(cut[...]).isEmpty)
  }
}

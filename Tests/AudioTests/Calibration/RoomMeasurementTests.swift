import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Rooms of which everything is known.
@Suite("Measurement of a room")
struct RoomMeasurementTests {
  private static let sweep = ExponentialSweep(seconds: 2, level: -12)

  /// What microphones with these responses record; `distort` is what the loudspeaker does to each sample.
  private static func record(
    _ responses: [[Float]], noise: Float = 1e-5, sweep: ExponentialSweep = Self.sweep,
    distort: (Float) -> Float = { $0 }
  ) -> [[Float]] {
    var random = FrontEndSignal(seed: 5)
    let count = RoomMeasurement.silenceCount + sweep.sampleCount + RoomMeasurement.tailCount
    let sent = (0..<count).map { distort(sweep.sample($0 - RoomMeasurement.silenceCount)) }
    return responses.map { response in
      zip(FrontEndSignal.convolve(sent, response), random.noise(count, peak: noise)).map { $0 + $1 }
    }
  }

  /// A direct sound after `delay` samples, and reverberation behind it.
  private static func response(
    delay: Int, reverberation: Float, level: Float = 0.02, seed: UInt64, count: Int = 40_000
  ) -> [Float] {
    var random = FrontEndSignal(seed: seed)
    let late = random.response(count - delay - 200, reverberation: reverberation, gain: level)
    return [Float](repeating: 0, count: delay) + [1] + [Float](repeating: 0, count: 199) + late
  }

  @Test("delay and reverberation time are found", arguments: [(2_400, Float(0.3)), (12_000, 0.6), (731, 0.9)])
  func room(delay: Int, reverberation: Float) throws {
    let recording = Self.record([Self.response(delay: delay, reverberation: reverberation, seed: 3)])
    let measurement = try RoomMeasurement(recording: recording, sweep: Self.sweep)
    #expect(abs(measurement.delayMilliseconds - Double(delay) / 48) < 0.05)
    let time = try #require(measurement.reverberationTime)
    #expect(abs(time / Double(reverberation) - 1) < 0.1, "\(time) s")
    #expect(measurement.reverberation.count == 5)
    #expect(measurement.distortion < 0.003)
    #expect(measurement.signalToNoise > 60)
    #expect(measurement.microphones.count == 1)
    #expect(measurement.microphones[0].gain == 0 && measurement.microphones[0].lag == 0)
    // The impulse response itself.
    #expect(abs(measurement.impulseResponse[delay] - 1) < 0.2)
  }

  @Test("a loudspeaker's third harmonic is found, whatever the room", arguments: [Float(0.4), 1.6])
  func distortion(cubic: Float) throws {
    let recording = Self.record([Self.response(delay: 900, reverberation: 0.3, seed: 4)]) { $0 - cubic * $0 * $0 * $0 }
    let measurement = try RoomMeasurement(recording: recording, sweep: Self.sweep)
    // cos³ = (3 cos + cos 3)/4.
    let peak = Double(AudioLevel.amplitude(decibels: -12))
    let cube = Double(cubic) * peak * peak * peak
    let expected = cube / 4 / (peak - 0.75 * cube)
    #expect(abs(measurement.distortion / expected - 1) < 0.15, "\(measurement.distortion), not \(expected)")
  }

  @Test("microphones that differ in gain and delay are found, where they are apart or not")
  func mismatch() throws {
    // Reverberation from all around: plane waves that reach microphones 4 cm apart at different times.
    let array = try MicrophoneArray(
      microphones: [(0.02, 0.02), (-0.02, 0.02), (-0.02, -0.02), (0.02, -0.02)].map { .init(x: $0, y: $1, z: 0) })
    var random = FrontEndSignal(seed: 9)
    var responses = [[Float]](repeating: [Float](repeating: 0, count: 24_000), count: 4)
    let gains: [Float] = [0, 2, -3, 0]
    let lags = [0, 0, 3, 0]
    for wave in 0..<6_000 {
      let time = wave == 0 ? 1_000 : 1_300 + Int(18_000 * abs(random.uniform()))
      let (azimuth, height) = (Float.pi * random.uniform(), wave == 0 ? 0 : random.uniform())
      let across = (1 - height * height).squareRoot()
      let size = wave == 0 ? 1 : 0.03 * random.uniform() * powf(10, -3 * Float(time - 1_000) / 48_000 / 0.4)
      for (index, position) in array.microphones.enumerated() {
        let way = across * (position.x * cosf(azimuth) + position.y * sinf(azimuth))
        let at = Float(time) - way / 343 * 48_000 + Float(lags[index])
        // Between two samples, which is exact enough below 4 kHz.
        let (whole, part) = (Int(at), at - floorf(at))
        responses[index][whole] += size * (1 - part) * AudioLevel.amplitude(decibels: gains[index])
        responses[index][whole + 1] += size * part * AudioLevel.amplitude(decibels: gains[index])
      }
    }
    let measurement = try RoomMeasurement(
      recording: Self.record(responses, noise: 1e-6), sweep: Self.sweep, array: array)
    for (index, microphone) in measurement.microphones.enumerated() {
      #expect(abs(microphone.gain - Double(gains[index])) < 1, "microphone \(index): \(microphone)")
      #expect(abs(microphone.lag - Double(lags[index])) < 0.7, "microphone \(index): \(microphone)")
    }
  }

  @Test("the response is measured, and the equaliser that follows from it evens it out")
  func response() throws {
    // A loudspeaker with a bump of 8 dB at 800 Hz, and nothing below 200 Hz.
    let device = Equaliser(
      [
        EqualiserBand(.peaking, frequency: 800, gain: 8, quality: 1.5), EqualiserBand(.highPass, frequency: 200),
        EqualiserBand(.highPass, frequency: 200),
      ].compactMap { $0 })
    var impulse = [Float](repeating: 0, count: 9_600)
    impulse[480] = 1
    impulse.withUnsafeMutableBufferPointer { device.process($0) }
    let measurement = try RoomMeasurement(recording: Self.record([impulse]), sweep: Self.sweep)
    func level(_ frequency: Double) -> Double {
      measurement.response.min { abs($0.frequency - frequency) < abs($1.frequency - frequency) }?.value ?? -200
    }
    #expect(abs(level(800) - level(4_000) - 8) < 1)
    #expect(level(100) - level(4_000) < -18)
    let bands = EqualiserDesign.bands(for: measurement.response)
    #expect(bands.contains { $0.kind == .highPass && (80...200).contains($0.frequency) })
    #expect(bands.allSatisfy { $0.gain <= 4 })
    let corrected = measurement.response.filter { (250...10_000).contains($0.frequency) }.map { band in
      bands.reduce(band.value) { $0 + Biquad($1).gain(at: band.frequency) }
    }
    #expect((corrected.max() ?? 99) - (corrected.min() ?? 0) < 5, "\(corrected)")
  }

  @Test("recordings that say nothing are told apart")
  func failures() throws {
    let response = Self.response(delay: 900, reverberation: 0.3, seed: 6)
    #expect(throws: RoomMeasurement.Failure.malformed) {
      try RoomMeasurement(recording: [], sweep: Self.sweep)
    }
    #expect(throws: RoomMeasurement.Failure.malformed) {
      try RoomMeasurement(recording: [[Float](repeating: 0, count: 1_000)], sweep: Self.sweep)
    }
    let silent = Self.record([[0]])
    #expect { try RoomMeasurement(recording: silent, sweep: Self.sweep) } throws: { error in
      guard case RoomMeasurement.Failure.nothingHeard(let ratio) = error else { return false }
      return ratio < 5
    }
    let broken = Self.record([response]).map { $0.map { _ in Float.nan } }
    #expect(throws: RoomMeasurement.Failure.nothingHeard(signalToNoise: -.infinity)) {
      try RoomMeasurement(recording: broken, sweep: Self.sweep)
    }
    let loud = Self.record([response]).map { $0.map { max(-1, min(1, 8 * $0)) } }
    #expect(throws: RoomMeasurement.Failure.overloaded(microphone: 0)) {
      try RoomMeasurement(recording: loud, sweep: Self.sweep)
    }
  }
}

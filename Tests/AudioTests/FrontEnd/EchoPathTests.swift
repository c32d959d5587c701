import Testing

@testable import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Echo cancellation")
struct EchoPathTests {
  /// Runs an echo path of one microphone; gives its output.
  private func run(
    _ path: EchoPath, microphone: [Float], reference: [Float], observe: (Int) -> Void = { _ in }
  ) -> [Float] {
    let size = AudioBlock.sampleCount
    let input = GroupedBuffer(Lanes.zero, groupCount: 1, count: size)
    let output = GroupedBuffer(Lanes.zero, groupCount: 1, count: size)
    let echo = GroupedBuffer(Lanes.zero, groupCount: 1, count: size)
    var result: [Float] = []
    for start in stride(from: 0, to: microphone.count - size + 1, by: size) {
      for sample in 0..<size { input[0][sample][0] = microphone[start + sample] }
      reference.withUnsafeBufferPointer { reference in
        path.process(input, references: (reference.baseAddress! + start, nil), into: output, echo: echo)
      }
      result += (0..<size).map { output[0][$0][0] }
      observe(start / size)
    }
    return result
  }

  @Test("a known echo path is learnt to 30 dB within two seconds", arguments: [700, 4_800, 14_400])
  func knownPath(delay: Int) {
    var random = FrontEndSignal(seed: 11)
    let reference = random.noise(48_000 * 4, peak: 0.2)
    let response = random.response(6_000, reverberation: 0.1, gain: 0.05)
    let echo = FrontEndSignal.convolve(reference, response, delay: delay)
    let output = run(EchoPath(microphoneCount: 1, referenceCount: 1), microphone: echo, reference: reference)
    let late = 48_000 * 2..<output.count
    #expect(FrontEndSignal.level(echo[late]) - FrontEndSignal.level(output[late]) > 30)
  }

  @Test("a near voice as loud as the echo comes through as it is")
  func doubleTalk() {
    var random = FrontEndSignal(seed: 12)
    let reference = random.noise(48_000 * 6, peak: 0.2)
    let response = random.response(6_000, reverberation: 0.2, gain: 0.05)
    let echo = FrontEndSignal.convolve(reference, response, delay: 1_000)
    var near = random.babble(48_000 * 6, peak: 0.2)
    for index in 0..<48_000 * 3 { near[index] = 0 }
    let output = run(
      EchoPath(microphoneCount: 1, referenceCount: 1), microphone: zip(echo, near).map { $0 + $1 }, reference: reference
    )
    let late = 48_000 * 3..<output.count
    let residual = late.map { output[$0] - near[$0] }
    #expect(FrontEndSignal.level(near[late]) - FrontEndSignal.level(residual) > 18)
  }

  @Test("the room's reverberation time shows in the path's decay within a quarter", arguments: [0.25, 0.5] as [Float])
  func reverberationTime(seconds: Float) throws {
    var random = FrontEndSignal(seed: 14)
    let reference = random.noise(48_000 * 4, peak: 0.2)
    let response = random.response(14_400, reverberation: seconds, gain: 0.05)
    let echo = FrontEndSignal.convolve(reference, response, delay: 1_000)
    let path = EchoPath(microphoneCount: 1, referenceCount: 1)
    #expect(path.canceller.reverberationTime == nil)
    _ = run(path, microphone: echo, reference: reference)
    let found = try #require(path.canceller.reverberationTime)
    #expect(abs(found / seconds - 1) < 0.25)
  }

  @Test("the delay is found within half a second", arguments: [480, 7_200, 19_200])
  func delay(delay: Int) throws {
    var random = FrontEndSignal(seed: 13)
    let reference = random.noise(48_000, peak: 0.2)
    let echo = FrontEndSignal.convolve(reference, [0.3, 0.1], delay: delay)
    let path = EchoPath(microphoneCount: 1, referenceCount: 1)
    var found: Int?
    _ = run(path, microphone: echo, reference: reference) { block in
      if found == nil, path.delayEstimator.delay != nil { found = block }
    }
    // Half a second after the echo can be heard at all.
    #expect(try #require(found) < 50 + delay / 480)
    #expect(abs(try #require(path.delayEstimator.delay) - delay / 480) <= 2)
  }

  @Test("the delay is kept while somebody speaks louder than the echo")
  func delayInDoubleTalk() throws {
    var random = FrontEndSignal(seed: 15)
    let reference = random.babble(48_000 * 9, peak: 0.2)
    let response = random.response(6_000, reverberation: 0.2, gain: 0.02)
    let echo = FrontEndSignal.convolve(reference, response, delay: 2_400)
    var near = random.babble(48_000 * 9, peak: 0.3)
    for index in 0..<48_000 * 3 { near[index] = 0 }
    let path = EchoPath(microphoneCount: 1, referenceCount: 1)
    var before: Int?
    _ = run(path, microphone: zip(echo, near).map { $0 + $1 }, reference: reference) { block in
      if block == 290 { before = path.delayEstimator.delay }
      if block > 290 { #expect(path.delayEstimator.delay == before) }
    }
    #expect(abs(try #require(before) - 5) <= 1)
  }

  @Test("what the filter knows moves with its reference", arguments: [2, -3])
  func movedReference(blocks: Int) {
    var random = FrontEndSignal(seed: 16)
    let size = AudioBlock.sampleCount
    let reference = random.noise(size * 400, peak: 0.2)
    let echo = FrontEndSignal.convolve(reference, random.response(960, reverberation: 0.05, gain: 0.05), delay: 1_500)
    let canceller = EchoCanceller(microphoneCount: 1, referenceCount: 1)
    let transform = FourierTransform(size: EchoCanceller.frameSize)
    let frame = Buffer(Lanes.zero, count: EchoCanceller.frameSize)
    let spectrum = Buffer(ComplexLanes.zero, count: EchoCanceller.binCount)
    let input = GroupedBuffer(Lanes.zero, groupCount: 1, count: size)
    let output = GroupedBuffer(Lanes.zero, groupCount: 1, count: size)
    let subtracted = GroupedBuffer(Lanes.zero, groupCount: 1, count: size)
    func push(block: Int) {
      for index in 0..<EchoCanceller.frameSize {
        let position = (block + 1) * size - EchoCanceller.frameSize + index
        frame[index][0] = position < 0 ? 0 : reference[position]
      }
      transform.forward(frame.start, into: spectrum.start)
      canceller.push(spectrum.start)
    }
    for block in 10..<400 {
      if block == 390 {
        canceller.moveReference(by: blocks)
        for age in (1...26).reversed() { push(block: block - blocks - age) }
      }
      push(block: min(block >= 390 ? block - blocks : block, 399))
      for sample in 0..<size { input[0][sample][0] = echo[block * size + sample] }
      canceller.cancel(input, into: output, echo: subtracted)
      guard block > 388, block < 397 else { continue }
      let left = FrontEndSignal.level((0..<size).map { output[0][$0][0] })
      #expect(FrontEndSignal.level(echo[block * size..<(block + 1) * size]) - left > 20)
    }
  }

  @Test("a clock that is 150 ppm off is followed", arguments: [150.0, -150.0])
  func drift(ppm: Double) {
    var random = FrontEndSignal(seed: 14)
    // Low-passed, so that linear interpolation is good enough to make the drifting echo.
    var low: Float = 0
    var lower: Float = 0
    let reference = (0..<48_000 * 8).map { _ -> Float in
      low += 0.1 * (random.uniform() - low)
      lower += 0.2 * (low - lower)
      return lower
    }
    let echo = reference.indices.map { index -> Float in
      let position = (Double(index) - 1_200) * (1 - ppm * 1e-6)
      let whole = Int(position.rounded(.down))
      guard whole >= 0 else { return 0 }
      let fraction = Float(position - Double(whole))
      return 0.5 * (reference[whole] * (1 - fraction) + reference[min(whole + 1, reference.count - 1)] * fraction)
    }
    let path = EchoPath(microphoneCount: 1, referenceCount: 1)
    _ = run(path, microphone: echo, reference: reference)
    #expect(abs(path.drift.drift * 1e6 - ppm) < 20)
  }

  /// A delay just above a whole number lies so near to the next sample that its fraction rounds up to one.
  @Test("a sine is read at a fractional delay", arguments: [100.3, 100, 100.000_000_01, 99.999_999_99])
  func fraction(delay: Double) {
    let line = ReferenceLine(channelCount: 1)
    let omega = 2 * Double.pi * 5_000 / 48_000
    let sine = (0..<4_800).map { Float(sin(omega * Double($0))) }
    sine.withUnsafeBufferPointer { sine in line.append((sine.baseAddress, nil), count: 4_800) }
    let target = Buffer(Lanes.zero, count: 480)
    line.read(channel: 0, delay: delay, slope: 0, count: 480, into: target.start, lane: 2)
    for index in 0..<480 {
      let expected = Float(sin(omega * (Double(4_800 - 480 + index) - delay)))
      #expect(abs(target[index][2] - expected) < 1e-3)
    }
  }
}

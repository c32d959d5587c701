import Audio
import Devices
import Glibc
import Realtime
import Synchronization
import Testing

/// Microphones and loudspeakers on snd-aloop, in virtual time.
@Suite(.serialized, .lab("sound")) struct SoundDeviceTests {
  private func request(_ channels: Int, _ rate: Int, _ format: PCMSampleFormat) -> PCMRequest {
    var request = PCMRequest(channelCount: channels)
    request.sampleRates = [rate]
    request.formats = [format]
    // snd-aloop runs fast with periods that aren't whole milliseconds.
    if rate == 44_100 { request.periodMilliseconds = 10 }
    return request
  }

  /// Plays tones of 250 Hz, 500 Hz and so on into one end of a cable, one a channel, and gives what the other end's
  /// channels hear in a second after the first. (Then the playing clock still settles; what is left of a tone once it
  /// has is another test's.)
  private func hearTones(_ request: PCMRequest, cable: Int) throws -> [ToneFit] {
    let capture = try ALSACapture(SoundLab.address(end: 0, cable: cable), request)
    let playback = try ALSAPlayback(SoundLab.address(end: 1, cable: cable), request)
    let count = capture.channelCount
    #expect(capture.configuration.format == request.formats[0])
    #expect(capture.configuration.sampleRate == request.sampleRates[0])
    #expect(count == request.channelCount && playback.channelCount == count)
    let period = Double(capture.configuration.periodSize) / Double(capture.configuration.sampleRate)
    #expect((0.005...0.01).contains(period))
    var heard = [[Float]](repeating: [], count: count)
    let frequencies = (1...count).map { Double($0) * 250 }
    try SoundLab.loop(capture, playback, blocks: 250) {
      SoundLab.tones($0, $1, frequencies)
    } hear: { index, block in
      guard index >= 150 else { return }
      for channel in 0..<count { heard[channel] += block.channel(channel) }
    }
    #expect(playback.currentReport.underruns == 0 && capture.currentReport.overruns == 0)
    return heard.enumerated().map { ToneFit($1, near: frequencies[$0]) }
  }

  @Test(arguments: PCMSampleFormat.allCases)
  func eightChannelsComeInOrder(format: PCMSampleFormat) throws {
    for (channel, fit) in try hearTones(request(8, 48_000, format), cable: 0).enumerated() {
      #expect(abs(fit.amplitude - 0.5) < 0.001, "channel \(channel): \(fit)")
      #expect(fit.toneToNoise > 50, "channel \(channel): \(fit)")
    }
  }

  @Test(arguments: [16_000, 32_000, 44_100, 96_000])
  func ratesAreConverted(rate: Int) throws {
    for (channel, fit) in try hearTones(request(2, rate, .s32), cable: 1).enumerated() {
      #expect(abs(fit.amplitude - 0.5) < 0.001, "channel \(channel): \(fit)")
      #expect(fit.toneToNoise > 50, "channel \(channel): \(fit)")
    }
  }

  @Test(arguments: [1, 16])
  func anyNumberOfChannels(count: Int) throws {
    for (channel, fit) in try hearTones(request(count, 48_000, .float32), cable: 2).enumerated() {
      #expect(fit.toneToNoise > 50, "channel \(channel): \(fit)")
    }
  }

  /// `arecord` hears what we play.
  @Test func othersHearIt() throws {
    let request = request(2, 48_000, .s32)
    let capture = try ALSACapture(SoundLab.address(end: 0, cable: 3), request)
    let playback = try ALSAPlayback(SoundLab.address(card: 1, end: 1), request)
    #expect(Lab.shell("arecord -q -D hw:1,0,0 -f S32_LE -c 2 -r 48000 -d 3 -t raw /tmp/heard.raw 2>/dev/null &") == 0)
    try SoundLab.loop(capture, playback, blocks: 350) { SoundLab.tones($0, $1, [440, 660]) }
    let samples = try words("/tmp/heard.raw")
    let middle = samples[2 * 48_000..<2 * 110_000]
    for (channel, frequency) in [440.0, 660].enumerated() {
      let sound = stride(from: middle.startIndex + channel, to: middle.endIndex, by: 2).map {
        Float(middle[$0]) * 0x1p-31
      }
      let fit = ToneFit(sound, near: frequency)
      #expect(fit.toneToNoise > 50 && abs(fit.amplitude - 0.5) < 0.001, "\(fit)")
    }
  }

  private func words(_ path: String) throws -> [Int32] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var samples = [Int32](repeating: 0, count: 400_000)
    let count = fread(&samples, 4, samples.count, file)
    #expect(count > 250_000)
    return Array(samples[..<count])
  }

  /// The echo of what is played comes when the report says, to a millisecond.
  @Test(arguments: [48_000, 44_100, 16_000])
  func echoComesWhenReported(rate: Int) throws {
    let request = request(2, rate, .s32)
    let capture = try ALSACapture(SoundLab.address(end: 0, cable: 4), request)
    let playback = try ALSAPlayback(SoundLab.address(end: 1, cable: 4), request)
    var random = SeededRandom(seed: 3)
    var (played, heard, delays) = ([Float](), [Float](), [Double]())
    var smooth: Float = 0
    try SoundLab.loop(capture, playback, blocks: 1_000) { _, block in
      for sample in 0..<480 {
        smooth += 0.5 * (Float.random(in: -0.5...0.5, using: &random) - smooth)
        block.channel(0)[sample] = smooth
        block.channel(1)[sample] = smooth
      }
      played += block.channel(0)
      delays.append(Double(playback.currentReport.delayNanoseconds) * 1e-9)
    } hear: { _, block in
      heard += block.channel(0)
    }
    // What is played after block n was captured is heard in block n + 1 at the earliest: that is delay 0.
    for start in stride(from: 48_000, to: 400_000, by: 96_000) {
      var best = (delay: 0, value: -Double.infinity)
      for delay in 0..<2_400 {
        var sum = 0.0
        for index in 0..<2_000 { sum += Double(played[start + index]) * Double(heard[start + 480 + delay + index]) }
        if sum > best.value { best = (delay, sum) }
      }
      let reported = delays[start / 480 + 1]
      #expect(abs(Double(best.delay) / 48_000 - reported) < 0.001, "\(best.delay) samples, reported \(reported) s")
    }
  }

  /// A device that another holds is busy, and is there again once it has been let go.
  @Test func busyDevice() throws {
    let address = SoundLab.address(end: 0, cable: 5)
    var holder: ALSACapture? = try ALSACapture(address)
    #expect(throws: ALSAError.busy) { try ALSACapture(address) }
    _ = holder?.channelCount
    holder = nil
    _ = try ALSACapture(address)
    #expect(throws: ALSAError.missing) { try ALSACapture(PCMAddress(card: 7, device: 0)) }
  }

  /// A thread that stands still now and then for longer than the loudspeaker's reserve, and for longer than the
  /// microphone's memory: sound is lost, that is counted, and nothing clicks at either side.
  @Test func lateThreadLosesSoundWithoutClicks() throws {
    let request = request(1, 48_000, .s32)
    let capture = try ALSACapture(SoundLab.address(end: 0, cable: 7), request)
    let playback = try ALSAPlayback(SoundLab.address(card: 1, end: 1, cable: 0), request)
    // What the microphone hears is a tone, too, which comes from another thread without a gap.
    let source = try ToneSource(SoundLab.address(end: 1, cable: 7), request, frequency: 630)
    let witness = try Recorder(SoundLab.address(card: 1, end: 0, cable: 0), request)
    var heard: [Float] = []
    var outages: [Duration] = []
    var before: Instant?
    try SoundLab.loop(capture, playback, blocks: 1_000) { index, block in
      SoundLab.tones(index, block, [997])
      let pause = index >= 300 && index % 100 == 0 ? (index % 200 == 0 ? 60 : 450) : 0
      if pause > 0 { MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(pause)) }
    } hear: { _, block in
      heard += block.channel(0)
      if let before, MonotonicClock.now - before > .milliseconds(30) { outages.append(MonotonicClock.now - before) }
      before = MonotonicClock.now
    }
    let played = witness.stop()
    source.stop()
    #expect(playback.currentReport.underruns >= 7, "\(playback.currentReport)")
    #expect(capture.currentReport.overruns == 4 && capture.currentReport.framesLost > 4 * 9_600)
    // Each time the thread came back, sound came with its next block.
    #expect(outages.count == 7 && outages.allSatisfy { $0 < .milliseconds(500) }, "\(outages)")
    for (name, sound) in [("played", played), ("heard", heard)] {
      let loudest = Click.loudest(Array(sound.dropFirst(48_000)))
      print("recovery, \(name): loudest click \(loudest) dBFS")
      #expect(loudest < -50, "\(name)")
      // Of the tone there's still most.
      #expect(Click.level(Array(sound.dropFirst(48_000))) > -15)
    }
  }

  /// Some minutes (SALLE_LAB_DRIFT_MINUTES, else 2) with clocks that are 400 ppm apart: what the loudspeaker's cable
  /// carries is one tone without a gap or a repeated sample, and the buffer neither fills nor empties.
  @Test(arguments: [(200.0, -200.0), (-200, 200)])
  func driftIsResampledAway(ppm: (capture: Double, playback: Double)) throws {
    try drift(ppm, minutes: Int(environment("SALLE_LAB_DRIFT_MINUTES") ?? "") ?? 2)
  }

  private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private func drift(_ ppm: (capture: Double, playback: Double), minutes: Int) throws {
    SoundLab.detune(card: 0, cable: 6, partsPerMillion: ppm.capture)
    SoundLab.detune(card: 1, cable: 1, partsPerMillion: ppm.playback)
    let request = request(1, 48_000, .s32)
    let capture = try ALSACapture(SoundLab.address(end: 0, cable: 6), request)
    let playback = try ALSAPlayback(SoundLab.address(card: 1, end: 1, cable: 1), request)
    let witness = try Witness(SoundLab.address(card: 1, end: 0, cable: 1), request, frequency: 997)
    let frequency = 997.0
    let blocks = minutes * 6_000
    var (least, most) = (Int.max, 0)
    var (shortest, longest) = (Int.max, 0)
    try SoundLab.loop(capture, playback, blocks: blocks) { index, block in
      SoundLab.tones(index, block, [frequency])
      guard index > 6_000 else { return }
      let report = playback.currentReport
      (least, most) = (min(least, report.fill), max(most, report.fill))
      (shortest, longest) = (min(shortest, report.delayNanoseconds), max(longest, report.delayNanoseconds))
      if index % 360_000 == 0 {
        print("hour \(index / 360_000): fill \(least)...\(most), delay \(shortest)...\(longest) ns, \(report)")
        fflush(nil)
      }
    }
    let heard = witness.stop()
    let report = playback.currentReport
    print(
      "drift \(ppm) over \(minutes) min: fill \(least)...\(most) frames,",
      "delay \(Double(shortest) / 1e6)...\(Double(longest) / 1e6) ms, measured \(report.relativePartsPerMillion) ppm,",
      "tone to noise \(heard.least) dB at least")
    // The pointers move in steps of 48 frames.
    #expect(most - least <= 100)
    #expect(longest - shortest < 500_000)
    #expect(report.underruns == 0 && report.corrections == 0 && capture.currentReport.overruns == 0)
    #expect(capture.currentReport.deadlineMisses == 0)
    let relative = ((1 + ppm.playback * 1e-6) / (1 + ppm.capture * 1e-6) - 1) * 1e6
    // Steps of a millisecond that creep through the blocks look like a drift of some ppm to and fro.
    #expect(abs(report.relativePartsPerMillion - relative) < 15)
    #expect(abs(capture.currentReport.partsPerMillion - ppm.capture) < 15)
    // Half a second at a time, none of it with a click, every piece in phase with the one before.
    #expect(heard.least > 60 && heard.pieces > minutes * 100, "\(heard)")
  }
}

/// Listens at a cable's other end on a thread of its own, and fits a tone to each half second.
private final class Witness: Sendable {
  /// What it heard: the least tone-to-noise ratio of a piece in dB, after the first ten seconds, and how many pieces.
  struct Finding: Sendable {
    var least = Double.infinity
    var pieces = 0
  }

  private let thread: RealtimeThread
  private let finding: Box

  init(_ address: PCMAddress, _ request: PCMRequest, frequency: Double) throws {
    let capture = try ALSACapture(address, request)
    let finding = Box()
    self.finding = finding
    thread = try RealtimeThread(name: "witness", priority: nil) { context in
      let block = AudioBlock(channelCount: 1)
      var samples: [Float] = []
      var count = 0
      while !context.shouldStop {
        guard (try? capture.read(into: block)) != nil else { break }
        samples += block.channel(0)
        guard samples.count == 24_000 else { continue }
        count += 1
        if count > 20 {
          let fit = ToneFit(samples, near: frequency)
          finding.value.withLock {
            $0.least = min($0.least, fit.toneToNoise)
            $0.pieces += 1
          }
        }
        samples.removeAll(keepingCapacity: true)
      }
    }
  }

  /// Ends it.
  func stop() -> Finding {
    thread.stop()
    return finding.value.withLock { $0 }
  }

  private final class Box: Sendable {
    let value = Mutex(Finding())
  }
}

import Audio
import Devices
import Realtime

/// How long sound takes from the air at the microphone to the air at the loudspeaker without the network between: captured,
/// through the front end, mixed and played; or, besides, coded, put into a jitter buffer and decoded.
///
/// It needs two sound cards whose cables return to the machine (`snd-aloop`): what is played on device 1 of the first is
/// what the microphone hears, and what the loudspeaker plays is captured on device 1 of the second.
struct SoundDelayBenchmark {
  /// Milliseconds from air to air.
  let delay: Double
  /// Of it, what the two devices' own buffers take, by their reports.
  let devices: Double

  /// Why there is no figure.
  enum Failure: Error {
    /// The bursts didn't come back.
    case nothingHeard
  }

  private static let burstEvery = 100

  /// Measures with bursts, one a second, for `seconds`.
  /// - Parameter isCoded: whether the sound is coded and decoded on its way, rather than processed by the front end.
  init(microphone: Int, loudspeaker: Int, seconds: Int, isCoded: Bool) throws {
    if isCoded {
      try self.init(codingBetween: microphone, loudspeaker, seconds)
    } else {
      try self.init(processingBetween: microphone, loudspeaker, seconds)
    }
  }

  private init(processingBetween microphone: Int, _ loudspeaker: Int, _ seconds: Int) throws {
    let capture = try ALSACapture(PCMAddress(card: microphone, device: 0))
    let playback = try ALSAPlayback(PCMAddress(card: loudspeaker, device: 0))
    let line = (0..<capture.channelCount).map { MicrophoneArray.Position(x: 0.04 * Float($0), y: 0, z: 0) }
    let frontEnd = MicrophoneFrontEnd(array: try MicrophoneArray(microphones: line), referenceCount: 1)
    let chain = ProcessingChain(capture: capture, playback: playback, frontEnd: frontEnd)
    let audio = try RealtimeThread(name: "audio") { context in
      while !context.shouldStop { chain.processBlock() }
    }
    defer { audio.stop() }
    delay = try Self.measure(air: microphone, ear: loudspeaker, seconds: seconds)
    devices = Double(capture.currentReport.delayNanoseconds + playback.currentReport.delayNanoseconds) / 1e6
  }

  private init(codingBetween microphone: Int, _ loudspeaker: Int, _ seconds: Int) throws {
    let capture = try ALSACapture(PCMAddress(card: microphone, device: 0))
    let playback = try ALSAPlayback(PCMAddress(card: loudspeaker, device: 0))
    let pipeline = try AudioPipeline(capture: capture, playback: playback, firstTimestamp: 0)
    let stream = try AudioReceiveStream()
    pipeline.add(stream)
    let audio = try pipeline.startThread()
    let network = try RealtimeThread(name: "network", priority: nil) { context in
      while !context.shouldStop {
        pipeline.outgoing.signal.wait()
        while pipeline.outgoing.pop({ header, payload in
          var arrived = header
          arrived.time = MonotonicClock.now
          stream.packets.push(arrived, payload: payload)
        }) {}
      }
    }
    defer {
      audio.stop()
      network.requestStop()
      pipeline.outgoing.signal.raise()
      network.stop()
    }
    delay = try Self.measure(air: microphone, ear: loudspeaker, seconds: seconds)
    devices = Double(capture.currentReport.delayNanoseconds + playback.currentReport.delayNanoseconds) / 1e6
  }

  /// Plays short bursts into the first card's cable and hears them in the second's: the median of the times between, in
  /// milliseconds.
  private static func measure(air: Int, ear: Int, seconds: Int) throws -> Double {
    let source = try ALSAPlayback(PCMAddress(card: air, device: 1))
    let sink = try ALSACapture(PCMAddress(card: ear, device: 1))
    let heard = AudioBlock(channelCount: sink.channelCount)
    let played = AudioBlock(channelCount: source.channelCount)
    var sent: [Instant] = []
    var arrived: [Instant] = []
    for index in 0..<(burstEvery * seconds) {
      do throws(AudioDeviceError) {
        try sink.read(into: heard)
      } catch { continue }
      if let sample = heard.channel(0).firstIndex(where: { abs($0) > 0.05 }),
        arrived.last.map({ heard.timestamp - $0 > .milliseconds(500) }) ?? true
      {
        arrived.append(heard.timestamp + .nanoseconds(Int64(sample) * 1_000_000_000 / 48_000))
      }
      played.silence()
      played.timestamp = heard.timestamp + AudioBlock.duration
      let isBurst = index % burstEvery == burstEvery / 2
      if isBurst {
        // Ten milliseconds: a codec would smear a click.
        for channel in 0..<played.channelCount {
          let samples = played.channel(channel)
          for position in samples.indices { samples[position] = position / 24 % 2 == 0 ? 0.5 : -0.5 }
        }
      }
      if let time = try? source.write(played), isBurst { sent.append(time) }
    }
    let delays = sent.compactMap { time in
      arrived.first { $0 > time }.map { ($0 - time).seconds * 1_000 }
    }.filter { $0 < 500 }.sorted()
    // The first ones find the jitter buffer still at its beginning.
    guard delays.count > 3 else { throw Failure.nothingHeard }
    return delays[delays.count / 2]
  }
}

/// What the audio thread does with sound, without coding it.
///
/// `@unchecked Sendable`: made before the thread starts, and used by it alone.
private final class ProcessingChain: @unchecked Sendable {
  private let capture: ALSACapture
  private let playback: ALSAPlayback
  private let frontEnd: MicrophoneFrontEnd
  private let mixer = AudioMixer()
  private var gain = GainRamp(from: 1, to: 1)
  private let captured: AudioBlock
  private let processed = AudioBlock(channelCount: 1)
  private let played: AudioBlock

  init(capture: ALSACapture, playback: ALSAPlayback, frontEnd: MicrophoneFrontEnd) {
    self.capture = capture
    self.playback = playback
    self.frontEnd = frontEnd
    captured = AudioBlock(channelCount: capture.channelCount)
    played = AudioBlock(channelCount: playback.channelCount)
  }

  func processBlock() {
    guard (try? capture.read(into: captured)) != nil else { return }
    frontEnd.process(capture: captured, reference: nil, into: processed)
    mixer.add(processed.channel(0), gain: &gain)
    mixer.finish(into: played.channel(0))
    for channel in 1..<max(played.channelCount, 1) {
      _ = played.channel(channel).update(fromContentsOf: played.channel(0))
    }
    played.timestamp = captured.timestamp + AudioBlock.duration
    _ = try? playback.write(played)
  }
}

import Audio
import Realtime
import Testing

/// A microphone in virtual time, which hears a tone.
private final class ToneCapture: AudioCapture, @unchecked Sendable {
  let channelCount = 2
  let frequency: Double
  var blocksUntilVanished = Int.max
  var overruns: Set<Int> = []
  /// Whether a block takes a millisecond rather than no time, where a thread would else take the processor for itself.
  var isPaced = false
  private var index = 0

  init(frequency: Double) { self.frequency = frequency }

  func read(into block: AudioBlock) throws(AudioDeviceError) {
    if index >= blocksUntilVanished { throw .vanished }
    if overruns.remove(index) != nil { throw .xrun(sampleCount: 480) }
    if isPaced { MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(1)) }
    let tone = TestSignal.tone(frequency, count: 480, from: index * 480)
    for channel in 0..<channelCount { _ = block.channel(channel).update(fromContentsOf: tone) }
    block.timestamp = Instant(nanoseconds: Int64(index) * 10_000_000)
    index += 1
  }
}

/// A loudspeaker that keeps what it played; it lags by 20 ms.
private final class RecordingPlayback: AudioPlayback, @unchecked Sendable {
  let channelCount = 2
  var left: [Float] = []
  private var index = 0

  func write(_ block: AudioBlock) throws(AudioDeviceError) -> Instant {
    left += Array(block.channel(0))
    index += 1
    return Instant(nanoseconds: Int64(index) * 10_000_000 + 20_000_000)
  }
}

@Suite("Audio pipeline")
struct AudioPipelineTests {
  /// Runs blocks, and sends what comes out of the pipeline back into `stream` 30 ms later.
  private func loop(
    _ pipeline: AudioPipeline, blocks: Range<Int>, into stream: AudioReceiveStream,
    body: (Int) -> Void = { _ in }
  ) {
    for block in blocks {
      body(block)
      pipeline.processBlock()
      while pipeline.outgoing.pop({ header, payload in
        var header = header
        header.time = header.time + .milliseconds(30)
        stream.packets.push(header, payload: payload)
      }) {}
    }
  }

  @Test("what the microphone hears goes out as Opus, comes back and is heard as the same tone")
  func roundTrip() throws {
    let playback = RecordingPlayback()
    let pipeline = try AudioPipeline(
      capture: ToneCapture(frequency: 700), playback: playback, firstTimestamp: 0xFFFF_FF00)
    let stream = try AudioReceiveStream()
    #expect(pipeline.add(stream))
    loop(pipeline, blocks: 0..<500, into: stream)
    #expect(abs(SignalMeasurement.toneFrequency(playback.left[48_000..<96_000], near: 700) - 700) < 0.5)
    #expect(SignalMeasurement.clicks(playback.left[48_000..<240_000]).isEmpty)
    #expect(stream.statistics.packetsReceived >= 248)
    #expect(stream.statistics.concealedSamples == 0)
    #expect(pipeline.currentStatistics.packetsEncoded == 250)
    #expect(pipeline.currentStatistics.captureLevel == 9)
    #expect(pipeline.currentStatistics.streams == 1)
    // Block n is heard from n * 10 ms + 30 ms on, its mix 2 ms later.
    let playout = try #require(stream.playout(at: Instant(nanoseconds: 5_000_000_000)))
    #expect(playout.heardAt == Instant(nanoseconds: 5_000_000_000 + 22_000_000))
    let age = 0xFFFF_FF00 &+ UInt32(500 * 480) &- playout.timestamp
    #expect(age > 480 && age < 4_800)
  }

  @Test("the loudspeaker is as loud as it is told to be, without clicks")
  func volume() throws {
    let playback = RecordingPlayback()
    let pipeline = try AudioPipeline(capture: ToneCapture(frequency: 440), playback: playback, firstTimestamp: 0)
    let stream = try AudioReceiveStream()
    pipeline.add(stream)
    loop(pipeline, blocks: 0..<700, into: stream) { block in
      if block == 300 { pipeline.playbackVolume = 0.25 }
      if block == 500 { pipeline.playbackVolume = 0 }
    }
    func power(_ blocks: Range<Int>) -> Float {
      playback.left[(blocks.lowerBound * 480)..<(blocks.upperBound * 480)].reduce(0) { $0 + $1 * $1 }
    }
    #expect(abs(power(400..<500) / power(200..<300) - 0.0625) < 0.005)
    #expect(power(510..<700) == 0)
    #expect(SignalMeasurement.clicks(playback.left[48_000..<(500 * 480)]).isEmpty)
    pipeline.playbackVolume = 7
    #expect(pipeline.playbackVolume == 1)
  }

  @Test("muting sends silence, and removing a stream fades it out, without clicks")
  func mutingAndRemoving() throws {
    let playback = RecordingPlayback()
    let pipeline = try AudioPipeline(
      capture: ToneCapture(frequency: 440), playback: playback, firstTimestamp: 0)
    let stream = try AudioReceiveStream()
    pipeline.add(stream)
    loop(pipeline, blocks: 0..<700, into: stream) { block in
      if block == 200 { pipeline.isMicrophoneMuted = true }
      if block == 400 { pipeline.isMicrophoneMuted = false }
      if block == 600 { pipeline.remove(stream) }
    }
    #expect(SignalMeasurement.clicks(playback.left[48_000...]).isEmpty)
    #expect(SignalMeasurement.level(playback.left[(300 * 480)..<(390 * 480)]) < 0.003)
    #expect(SignalMeasurement.level(playback.left[(500 * 480)..<(590 * 480)]) > 0.3)
    let rest = SignalMeasurement.peak(playback.left[(610 * 480)...])
    #expect(rest == 0)
    #expect(pipeline.currentStatistics.streams == 0)
    #expect(pipeline.currentStatistics.packetsEncoded < 300)
  }

  @Test("a microphone that vanishes leaves the others heard, and its successor is taken at once")
  func vanishingCapture() throws {
    let first = ToneCapture(frequency: 440)
    first.blocksUntilVanished = 10
    let pipeline = try AudioPipeline(capture: first, playback: nil, firstTimestamp: 0)
    for _ in 0..<11 { pipeline.processBlock() }
    #expect(pipeline.currentStatistics.hasCapture == 0)
    #expect(pipeline.currentStatistics.blocks == 11)
    pipeline.replaceCapture(ToneCapture(frequency: 440))
    pipeline.processBlock()
    #expect(pipeline.currentStatistics.hasCapture == 1)
  }

  @Test("a full ring refuses packets and counts them, an empty one gives none")
  func packetRing() {
    let ring = AudioPacketRing(capacity: 4)
    let header = AudioPacketRing.Header(sequenceNumber: 1, timestamp: 2, time: Instant(nanoseconds: 3))
    for index in 0..<6 {
      let accepted = [UInt8](repeating: UInt8(index), count: 10).withUnsafeBytes { ring.push(header, payload: $0) }
      #expect(accepted == (index < 4))
    }
    let tooLong = [UInt8](repeating: 0, count: 1_501)
    #expect(ring.droppedCount == 2)
    var seen: [UInt8] = []
    while ring.pop({ _, payload in seen.append(payload[9]) }) {}
    #expect(seen == [0, 1, 2, 3])
    #expect(!tooLong.withUnsafeBytes { ring.push(header, payload: $0) })
  }

  @Test("an overrun is counted and the device read again")
  func overrun() throws {
    let capture = ToneCapture(frequency: 440)
    capture.overruns = [3, 7]
    let pipeline = try AudioPipeline(capture: capture, playback: nil, firstTimestamp: 0)
    for _ in 0..<10 { pipeline.processBlock() }
    #expect(pipeline.currentStatistics.captureOverruns == 2)
    #expect(pipeline.currentStatistics.hasCapture == 1)
    #expect(pipeline.currentStatistics.blocks == 10)
  }

  @Test("a thread of its own runs the pipeline, while streams come and go, until it is stopped")
  func thread() throws {
    let capture = ToneCapture(frequency: 440)
    capture.isPaced = true
    let pipeline = try AudioPipeline(capture: capture, playback: RecordingPlayback(), firstTimestamp: 0)
    let thread = try pipeline.startThread()
    let packets = CodedTone.shared.packets
    for round in 0..<20 {
      let stream = try AudioReceiveStream()
      while !pipeline.add(stream) {}
      for index in 0..<50 {
        let header = AudioPacketRing.Header(
          sequenceNumber: Int64(index), timestamp: UInt32(index * 960), time: Instant(nanoseconds: 0))
        packets[index].withUnsafeBytes { _ = stream.packets.push(header, payload: $0) }
        while pipeline.outgoing.pop({ _, _ in }) {}
      }
      stream.volume = Float(round % 3)
      while stream.statistics.totalSamples == 0 { MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(1)) }
      while !pipeline.remove(stream) {}
      pipeline.releaseRetired()
    }
    while pipeline.currentStatistics.streams > 0 {
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(1))
    }
    thread.stop()
    let blocks = pipeline.currentStatistics.blocks
    #expect(blocks > 20)
    MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(5))
    #expect(pipeline.currentStatistics.blocks == blocks)
  }
}

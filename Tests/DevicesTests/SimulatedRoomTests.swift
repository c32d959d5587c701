import Audio
import Devices
import Realtime
import Testing

/// A call over the pipeline from a simulated room, in virtual time: what the far end says comes as packets, what the room
/// sends is decoded.
private final class SimulatedCall {
  let pipeline: AudioPipeline
  private let room: SimulatedRoom
  private let farEnd = SyntheticSound.speech(voice: 4)
  private let stream: AudioReceiveStream
  private let encoder: OpusEncoder
  private let decoder: OpusDecoder
  private var block = 0
  /// What the far end hears of the room, by the samples' time stamps.
  private(set) var heard: [Float] = []
  /// The time stamps of the packets that came.
  private(set) var starts: [(index: Int, time: Instant)] = []

  init(_ setup: SimulatedRoom.Setup, processing: SoundProcessing, profile: LoudspeakerProfile = .init()) throws {
    var setup = setup
    setup.isPaced = false
    room = SimulatedRoom(setup)
    pipeline = try AudioPipeline(
      capture: room.capture, array: setup.array, playback: room.playback, profile: profile, processing: processing,
      firstTimestamp: 0)
    stream = try AudioReceiveStream()
    encoder = try OpusEncoder(bitrate: 40_000, complexity: 3)
    encoder.isDiscontinuous = false
    decoder = try OpusDecoder()
    pipeline.add(stream)
  }

  /// Goes on for `seconds`; the far end speaks while `isFarTalking`.
  func run(seconds: Double, isFarTalking: Bool) throws {
    for _ in 0..<Int(seconds * 100) {
      if block % 2 == 0 { try speak(isFarTalking) }
      pipeline.processBlock()
      block += 1
      while pipeline.outgoing.pop({ header, payload in hear(header, payload) }) {}
    }
  }

  private func speak(_ isTalking: Bool) throws {
    let first = block * AudioBlock.sampleCount
    let samples = (0..<OpusEncoder.sampleCount).map { index in
      isTalking ? farEnd.sample(Int64(first + index)) * 0.5 : 0
    }
    var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
    let count = try samples.withUnsafeBufferPointer { samples in
      try bytes.withUnsafeMutableBytes { try encoder.encode(samples, into: $0).byteCount }
    }
    let header = AudioPacketRing.Header(
      sequenceNumber: Int64(block / 2), timestamp: UInt32(first),
      time: Instant(nanoseconds: Int64(block) * 10_000_000))
    bytes[..<count].withUnsafeBytes { _ = stream.packets.push(header, payload: $0) }
  }

  private func hear(_ header: AudioPacketRing.Header, _ payload: UnsafeRawBufferPointer) {
    // Silence that wasn't sent.
    while heard.count < Int(header.timestamp) { heard.append(0) }
    starts.append((heard.count, header.time))
    var samples = [Float](repeating: 0, count: OpusEncoder.sampleCount)
    _ = samples.withUnsafeMutableBufferPointer { try? decoder.decode(payload, into: $0) }
    heard += samples
  }

  /// The level of what is heard in these seconds, dB.
  func level(_ seconds: Range<Double>) -> Double {
    let range = Int(seconds.lowerBound * 48_000)..<min(Int(seconds.upperBound * 48_000), heard.count)
    let sum = range.isEmpty ? 0 : heard[range].reduce(0.0) { $0 + Double($1 * $1) } / Double(range.count)
    return 10 * Double.log10(sum + 1e-12)
  }

  /// How much of what is heard in these seconds is what the talker says, as the coherence between the two in bands of
  /// speech: 0 to 1.
  func likenessToTalker(_ seconds: Range<Double>, lag: ClosedRange<Int>) -> Double {
    let range = Int(seconds.lowerBound * 48_000)..<min(Int(seconds.upperBound * 48_000), heard.count)
    let voice = SyntheticSound.speech(voice: room.setup.voice)
    var best = 0.0
    for shift in stride(from: lag.lowerBound, through: lag.upperBound, by: 4) {
      var (product, own, other) = (0.0, 1e-12, 1e-12)
      for index in stride(from: range.lowerBound, to: range.upperBound, by: 3) {
        let (a, b) = (Double(heard[index]), Double(voice.sample(Int64(index - shift))))
        product += a * b
        own += a * a
        other += b * b
      }
      best = max(best, abs(product) / (own * other).squareRoot())
    }
    return best
  }
}

extension Double {
  fileprivate static func log10(_ value: Double) -> Double {
    Double(AudioLevel.decibels(Float(value.squareRoot()))) / 10
  }
}

@Suite("A call from a simulated room")
struct SimulatedRoomTests {
  private static func ring() throws -> MicrophoneArray {
    try MicrophoneArray(
      microphones: [(0.04, 0), (0, 0.04), (-0.04, 0), (0, -0.04)].map { .init(x: $0, y: $1, z: 0) })
  }

  /// The far end speaks throughout; the talker speaks in the middle and the end.
  private static func setup() throws -> SimulatedRoom.Setup {
    var setup = SimulatedRoom.Setup(array: try ring())
    setup.talks = [6.0...9.0]
    return setup
  }

  @Test("the loudspeaker's sound doesn't come back, but the talker is heard while both speak")
  func echo() throws {
    let plain = try SimulatedCall(Self.setup(), processing: .off)
    let call = try SimulatedCall(Self.setup(), processing: .on)
    for call in [plain, call] { try call.run(seconds: 9, isFarTalking: true) }
    // Without the front end, the far end hears itself.
    let echo = plain.level(3..<5.5)
    #expect(echo > -45)
    #expect(call.level(3..<5.5) < echo - 35)
    let report = call.pipeline.currentStatistics.frontEnd
    #expect(call.pipeline.currentStatistics.hasFrontEnd == 1)
    #expect(report.echoReturnLossEnhancement > 10)
    // The devices' 40 ms, the way through the air, and the block between writing and reading.
    let delay = try #require(report.echoDelayMilliseconds)
    #expect(abs(delay - 50) <= 15)
    // In double talk he is as loud as without the front end, and it is he who is heard.
    #expect(call.level(6.5..<8.5) > -40)
    #expect(call.likenessToTalker(6.5..<8.5, lag: 0...2_400) > 0.5)
    #expect(plain.likenessToTalker(6.5..<8.5, lag: 0...2_400) < call.likenessToTalker(6.5..<8.5, lag: 0...2_400))
  }

  @Test("packets are stamped with the time at which their sound was in the air, with and without the front end")
  func timeStamps() throws {
    for processing in SoundProcessing.allCases {
      var setup = SimulatedRoom.Setup(array: MicrophoneArray(unknownCount: 1))
      setup.talks = [0...10]
      let call = try SimulatedCall(setup, processing: processing)
      try call.run(seconds: 1, isFarTalking: false)
      let late = processing == .on ? Int64(MicrophoneFrontEnd.latency) : 0
      for start in call.starts {
        #expect(start.time == Instant(nanoseconds: (Int64(start.index) - late) * 1_000_000 / 48))
      }
    }
  }

  @Test("who speaks while muted is noticed after a second, and not any more when unmuted")
  func mutedSpeech() throws {
    var setup = SimulatedRoom.Setup(array: try Self.ring())
    setup.talks = [2...8]
    let call = try SimulatedCall(setup, processing: .on)
    call.pipeline.isMicrophoneMuted = true
    try call.run(seconds: 2.5, isFarTalking: true)
    #expect(call.pipeline.currentStatistics.speaksWhileMuted == 0)
    try call.run(seconds: 3.5, isFarTalking: false)
    #expect(call.pipeline.currentStatistics.speaksWhileMuted == 1)
    call.pipeline.isMicrophoneMuted = false
    try call.run(seconds: 0.1, isFarTalking: false)
    #expect(call.pipeline.currentStatistics.speaksWhileMuted == 0)
  }

  @Test("the far end alone isn't taken for somebody who speaks while muted")
  func mutedEcho() throws {
    let call = try SimulatedCall(SimulatedRoom.Setup(array: try Self.ring()), processing: .on)
    call.pipeline.isMicrophoneMuted = true
    for _ in 0..<16 {
      try call.run(seconds: 0.5, isFarTalking: true)
      #expect(call.pipeline.currentStatistics.speaksWhileMuted == 0)
    }
  }

  @Test("another microphone in the middle of a call is taken without a click, and its echo is cancelled too")
  func replacedMicrophone() throws {
    var setup = SimulatedRoom.Setup(array: try Self.ring())
    setup.talks = [0...20]
    let call = try SimulatedCall(setup, processing: .on)
    try call.run(seconds: 3.3, isFarTalking: false)
    setup.isPaced = false
    let other = SimulatedRoom(setup)
    #expect(call.pipeline.replaceCapture(other.capture, array: setup.array))
    #expect(call.pipeline.replacePlayback(other.playback))
    try call.run(seconds: 3, isFarTalking: false)
    // The step from one sample to the next, against what the voice has by itself.
    let steps = zip(call.heard.dropFirst(), call.heard).map { abs($0 - $1) }
    let usual = steps[48_000..<150_000].max() ?? 0
    #expect((steps[156_000..<162_000].max() ?? 1) < 1.5 * usual)
  }
}

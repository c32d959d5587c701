import Audio
import Devices
import Glibc
import Realtime
import Testing

/// Rooms whose loudspeaker is heard by their microphones, with the kernel's sound cards between.
@Suite(.serialized, .lab("acoustics")) struct AcousticTests {
  private static func setup() throws -> SimulatedRoom.Setup {
    SimulatedRoom.Setup(
      array: try MicrophoneArray(
        microphones: [(0.04, 0), (0, 0.04), (-0.04, 0), (0, -0.04)].map { .init(x: $0, y: $1, z: 0) }))
  }

  private static func rule(_ direction: SoundDirection, _ address: PCMAddress) -> RoomSound.Choice {
    { devices in
      devices.first {
        $0.direction == direction && $0.address.card == address.card && $0.address.device == address.device
      }
    }
  }

  @Test("a sweep through the sound cards finds the room's delay, reverberation, distortion and microphones")
  func calibration() throws {
    var setup = try Self.setup()
    setup.reverberationTime = 0.4
    setup.delay = 0
    setup.gains = [0, 3, 0, 0]
    setup.distortion = 0.8
    setup.noise = -90
    let room = try AcousticRoom(setup)
    defer { room.stop() }
    let sweep = ExponentialSweep(seconds: 3)
    let playback = try ALSAPlayback(AcousticRoom.loudspeaker)
    let measurement = try RoomCalibration.measure(
      capture: try ALSACapture(AcousticRoom.microphones, PCMRequest(channelCount: 4)), playback: playback, sweep: sweep,
      array: setup.array)
    print(
      "measured: \(measurement.delayMilliseconds) ms, \(measurement.reverberationTime ?? -1) s, "
        + "distortion \(measurement.distortion), \(measurement.microphones), noise \(measurement.signalToNoise) dB")
    // Two loudspeakers' and two microphones' buffers lie on the way.
    #expect((10...200).contains(measurement.delayMilliseconds))
    let time = try #require(measurement.reverberationTime)
    #expect(abs(time - 0.4) < 0.1)
    let gains = measurement.microphones.map(\.gain)
    #expect(abs(gains[1] - 3) < 1.5)
    let peak = Double(AudioLevel.amplitude(decibels: -12))
    let cube = 0.8 * peak * peak * peak
    #expect(abs(measurement.distortion / (cube / 4 / (peak - 0.75 * cube)) - 1) < 0.4)
    // What is stored is what is read.
    let profile = RoomProfile(measurement, sweep: sweep, microphone: nil, loudspeaker: nil)
    try profile.write(to: "/tmp/room.json")
    #expect(try RoomProfile(contentsOf: "/tmp/room.json") == profile)
  }

  @Test("in a call the loudspeaker's sound doesn't come back, while a talker in the room is heard")
  func call() throws {
    var setup = try Self.setup()
    setup.delay = 0
    setup.talks = [9...14]
    let levels = try [SoundProcessing.off, .on].map { try Self.levels(setup, $0) }
    print("far end alone: \(levels[0].echo) dB plain, \(levels[1].echo) dB processed; both: \(levels[1].both) dB")
    #expect(levels[0].echo > -50)
    #expect(levels[1].echo < levels[0].echo - 25)
    #expect(levels[1].both > levels[1].echo + 20)
  }

  /// What the far end hears of itself, and when both speak, in dB.
  private static func levels(
    _ setup: SimulatedRoom.Setup, _ processing: SoundProcessing
  ) throws -> (echo: Double, both: Double) {
    let room = try AcousticRoom(setup)
    let pipeline = try AudioPipeline(capture: nil, playback: nil, processing: processing, firstTimestamp: 0)
    var wish = RoomSound.Wish(
      capture: rule(.capture, AcousticRoom.microphones), playback: rule(.playback, AcousticRoom.loudspeaker))
    wish.arrays = ArrayLibrary([try ArrayDescription(yaml: Array(Self.description.utf8))])
    let sound = try RoomSound(pipeline, wish: wish)
    let stream = try AudioReceiveStream()
    pipeline.add(stream)
    let audio = try pipeline.startThread()
    defer {
      audio.stop()
      sound.stop()
      room.stop()
    }
    let encoder = try OpusEncoder(bitrate: 40_000, complexity: 3)
    encoder.isDiscontinuous = false
    let decoder = try OpusDecoder()
    var heard: [Float] = []
    let began = MonotonicClock.now
    for packet in 0..<700 {
      let samples = (0..<OpusEncoder.sampleCount).map {
        0.5 * SyntheticSound.speech(voice: 4).sample(Int64(packet * OpusEncoder.sampleCount + $0))
      }
      var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
      let count = try samples.withUnsafeBufferPointer { samples in
        try bytes.withUnsafeMutableBytes { try encoder.encode(samples, into: $0).byteCount }
      }
      let header = AudioPacketRing.Header(
        sequenceNumber: Int64(packet), timestamp: UInt32(packet * OpusEncoder.sampleCount), time: MonotonicClock.now)
      bytes[..<count].withUnsafeBytes { _ = stream.packets.push(header, payload: $0) }
      while pipeline.outgoing.pop({ header, payload in
        while heard.count < Int(header.timestamp) { heard.append(0) }
        var part = [Float](repeating: 0, count: OpusEncoder.sampleCount)
        _ = part.withUnsafeMutableBufferPointer { try? decoder.decode(payload, into: $0) }
        heard += part
      }) {}
      MonotonicClock.sleep(until: began + .milliseconds(Int64(20 * packet)))
    }
    print("\(processing): \(pipeline.currentStatistics)")
    func level(_ seconds: Range<Double>) -> Double {
      let range = Int(seconds.lowerBound * 48_000)..<min(Int(seconds.upperBound * 48_000), heard.count)
      guard !range.isEmpty else { return -120 }
      return 10 * log10(heard[range].reduce(0.0) { $0 + Double($1 * $1) } / Double(range.count) + 1e-12)
    }
    return (level(5..<8.5), level(10..<13))
  }

  private static let description = """
    name: Ring
    match:
      - card: Loopback
    channels: 4
    microphones:
      - {channel: 0, position: [0.04, 0, 0]}
      - {channel: 1, position: [0, 0.04, 0]}
      - {channel: 2, position: [-0.04, 0, 0]}
      - {channel: 3, position: [0, -0.04, 0]}
    """
}

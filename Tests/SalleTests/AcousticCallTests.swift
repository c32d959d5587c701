import Audio
import Devices
import Glibc
import Meeting
import PracticeRoom
import Realtime
import Synchronization
import Testing

/// A loudspeaker that keeps what would be heard. `@unchecked Sendable`: the audio thread writes, the test reads when that
/// has ended.
private final class Recorder: AudioPlayback, @unchecked Sendable {
  let channelCount = 1
  private(set) var samples: [Float] = []

  func write(_ block: AudioBlock) throws(AudioDeviceError) -> Instant {
    samples += block.channel(0)
    return block.timestamp + .milliseconds(20)
  }

  /// The level of `seconds`, counted from the end, dB; not a number when less was heard.
  ///
  /// The loudest quarter of the blocks doesn't count: the room's threads share a busy machine with all else that runs,
  /// and where they came too late a piece of sound is missing, after which the canceller needs some tenths of a second.
  /// What it does then is tested in virtual time.
  func level(_ seconds: ClosedRange<Double>) -> Double {
    let count = AudioBlock.sampleCount
    let blocks = (Int(seconds.lowerBound * 100)..<Int(seconds.upperBound * 100)).map { samples.count + $0 * count }
    guard let first = blocks.first, first >= 0 else { return .nan }
    let powers = blocks.map { start in
      samples[start..<start + count].reduce(0.0) { $0 + Double($1 * $1) } / Double(count)
    }
    let kept = powers.sorted().prefix(powers.count * 3 / 4)
    return 10 * log10(kept.reduce(0, +) / Double(kept.count) + 1e-12)
  }
}

extension SalleTests {
  /// Two rooms in one meeting, over the practice server: one hears what the other sends of itself.
  @Suite("Acoustics of a call", .serialized)
  struct AcousticCallTests {
    /// Seconds from the beginning of the simulated room: the far end is alone until the talker begins.
    private static let talk = 9.0...13.0

    @Test(
      "the far end doesn't hear itself, but hears the talker who speaks at the same time",
      arguments: SoundProcessing.allCases)
    func call(processing: SoundProcessing) async throws {
      var options = PracticeRoomOptions()
      options.participants = []
      let practice = try await PracticeRoom.start(options)
      var setup = SimulatedRoom.Setup(
        array: try MicrophoneArray(
          microphones: [(0.04, 0), (0, 0.04), (-0.04, 0), (0, -0.04)].map { .init(x: $0, y: $1, z: 0) }))
      setup.talks = [Self.talk]
      let air = SimulatedRoom(setup)
      let near = try AudioPipeline(
        capture: air.capture, array: setup.array, playback: air.playback, processing: processing, firstTimestamp: 0)
      let recorder = Recorder()
      let far = try AudioPipeline(
        capture: SyntheticMicrophone(.speech(voice: 4)), playback: recorder, firstTimestamp: 0)
      let link = "\(practice.url)/\(practice.code)"
      let room = try RoomUnderTest(joining: link, devices: .sound(near))
      let other = try RoomUnderTest(joining: link, name: "Salle Vivienne", devices: .sound(far))
      try await room.reaches(.inMeeting)
      try await other.reaches(.inMeeting)
      // Until the near room's own clock, which began with its audio thread, has reached the end.
      let end = Int(Self.talk.upperBound * 100)
      while near.currentStatistics.blocks < end { try await Task.sleep(for: .milliseconds(20)) }
      let statistics = await room.meeting.statistics()
      await other.meeting.leave()
      await room.meeting.leave()
      _ = await other.ending()
      _ = await room.ending()
      await practice.stop()

      // The far end's recording ends about when the near room's talk does.
      let (echo, both) = (recorder.level(-8 ... -4.7), recorder.level(-3.3 ... -0.7))
      print("\(processing): far end alone \(echo) dB, both \(both) dB, \(statistics?.audio.frontEnd as Any)")
      #expect(both > -50)
      switch processing {
      case .off: #expect(echo > -45)
      case .on:
        #expect(echo < -60)
        let report = try #require(statistics?.audio.frontEnd)
        #expect(report.echoReturnLossEnhancement > 10)
        #expect(report.echoDelayMilliseconds != nil)
      }
    }
  }
}

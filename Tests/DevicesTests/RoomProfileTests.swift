import Audio
import Realtime
import Testing

@testable import Devices

@Suite("A room's profile")
struct RoomProfileTests {
  private static let sweep = ExponentialSweep(seconds: 2)

  private static func room(_ change: (inout SimulatedRoom.Setup) -> Void = { _ in }) throws -> SimulatedRoom {
    var setup = SimulatedRoom.Setup(
      array: try MicrophoneArray(
        microphones: [(0.04, 0), (0, 0.04), (-0.04, 0), (0, -0.04)].map { .init(x: $0, y: $1, z: 0) }))
    setup.isPaced = false
    change(&setup)
    return SimulatedRoom(setup)
  }

  private static func measure(_ room: SimulatedRoom) throws -> RoomMeasurement {
    try RoomCalibration.measure(
      capture: room.capture, playback: room.playback, sweep: sweep, array: room.setup.array)
  }

  @Test("a simulated room is measured through its devices")
  func measurement() throws {
    let room = try Self.room { setup in
      setup.reverberationTime = 0.4
      setup.delay = 2_000
      setup.gains = [0, 3, 0, 0]
      setup.distortion = 0.8
      setup.noise = -90
    }
    let measurement = try Self.measure(room)
    // The first microphone isn't the nearest; its direct path is in the room's own response.
    let response = room.response(microphone: 0)
    let onset = response.indices.first { response[$0] != 0 } ?? 0
    #expect(abs(measurement.delayMilliseconds * 48 - Double(onset)) < 2)
    let time = try #require(measurement.reverberationTime)
    #expect(abs(time - 0.4) < 0.08)
    let gains = measurement.microphones.map(\.gain)
    #expect(abs(gains[1] - 3) < 1.2 && [0, 2, 3].allSatisfy { abs(gains[$0]) < 1.2 }, "\(gains)")
    let peak = Double(AudioLevel.amplitude(decibels: -12))
    let cube = 0.8 * peak * peak * peak
    #expect(abs(measurement.distortion / (cube / 4 / (peak - 0.75 * cube)) - 1) < 0.25)
    let profile = RoomProfile(measurement, sweep: Self.sweep, microphone: "usb:1209:0a01", loudspeaker: nil)
    #expect(try RoomProfile(json: profile.json()) == profile)
    #expect(profile.array.microphones.count == 4)
  }

  @Test("a loudspeaker that isn't heard, and devices that vanish, are told of")
  func failures() throws {
    let deaf = try Self.room { $0.echoGain = -120 }
    #expect {
      _ = try Self.measure(deaf)
    } throws: { error in
      guard case RoomCalibration.Failure.unusable(.nothingHeard) = error else { return false }
      return true
    }
    let microphone = SyntheticMicrophone(.silence)
    microphone.disconnect()
    #expect(throws: RoomCalibration.Failure.lost) {
      _ = try RoomCalibration.measure(
        capture: microphone, playback: try Self.room().playback, sweep: Self.sweep, array: nil)
    }
  }

  @Test(
    "files that are no profiles are refused",
    arguments: [
      "", "{}", "[1]", #"{"version": 2}"#,
      #"{"version":1,"delay_ms":1,"distortion":0,"signal_to_noise_db":40,"ceiling_dbfs":-1,"equaliser":[{"kind":"loud","frequency_hz":100,"gain_db":0,"q":1}],"microphones":[]}"#,
      #"{"version":1,"delay_ms":1,"distortion":0,"signal_to_noise_db":40,"ceiling_dbfs":-1,"equaliser":[{"kind":"peaking","frequency_hz":1e9,"gain_db":0,"q":1}],"microphones":[]}"#,
    ])
  func malformed(text: String) {
    #expect(throws: MediaFileError.self) { try RoomProfile(json: [UInt8](text.utf8)) }
  }

  @Test("a profile that no file can hold leaves the one before")
  func unwritable() throws {
    let text =
      #"{"version":1,"delay_ms":1,"distortion":0,"signal_to_noise_db":40,"ceiling_dbfs":-1,"#
      + #""equaliser":[],"microphones":[]}"#
    var profile = try RoomProfile(json: [UInt8](text.utf8))
    try Sample.withFile { path in
      try profile.write(to: path)
      let before = profile
      profile.figures.distortion = .nan
      #expect(throws: MediaFileError.self) { try profile.write(to: path) }
      #expect(try RoomProfile(contentsOf: path) == before)
    }
  }

  @Test("values that would be harmful are brought within limits")
  func limits() throws {
    let text = #"""
      {"version":1,"delay_ms":1,"distortion":0,"signal_to_noise_db":40,"ceiling_dbfs":90,"equaliser":[],
       "microphones":[{"gain_db":400,"lag_samples":-1e9}]}
      """#
    let profile = try RoomProfile(json: [UInt8](text.utf8))
    #expect(profile.drive.ceiling == 0)
    #expect(profile.array.microphones == [.init(gain: 12, lag: -64)])
  }
}

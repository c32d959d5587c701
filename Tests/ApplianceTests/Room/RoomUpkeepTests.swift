import Control
import Realtime
import Testing
import Video

@testable import Appliance

@Suite("What the room does by itself")
struct RoomUpkeepTests {
  @Test("it goes to standby when nobody needs it, and not before")
  func standby() async throws {
    let harness = await RoomHarness()
    try await harness.set("Standby Delay", "10")
    await harness.pass(.seconds(570))
    #expect(try await harness.state("Standby State") == "Off")
    // Somebody touches the panel.
    try await harness.run("Audio Volume Set", [("Level", "9")])
    await harness.pass(.seconds(570))
    #expect(harness.equipment.isAwake)
    await harness.pass(.seconds(30))
    #expect(try await harness.state("Standby State") == "Standby")
    #expect(try await harness.state("Standby Level") == "DisplayOff")
    #expect(!harness.equipment.isAwake)
    try await harness.run("Standby Halfwake")
    #expect(try await harness.state("Standby State") == "Halfwake")
    #expect(harness.equipment.isAwake)
    try await harness.run("Standby Deactivate")
    #expect(try await harness.state("Standby State") == "Off")
    try await harness.run("Standby ResetTimer", [("Delay", "60")])
    await harness.pass(.seconds(3_540))
    #expect(harness.equipment.isAwake)
    await harness.pass(.seconds(60))
    #expect(!harness.equipment.isAwake)
    try await harness.run("Standby Deactivate")
    try await harness.set("Standby Control", "Off")
    await harness.pass(.seconds(86_400))
    #expect(harness.equipment.isAwake)
    // A meeting wakes it, and keeps it awake.
    try await harness.set("Standby Control", "On")
    try await harness.run("Standby Activate")
    #expect(!harness.equipment.isAwake)
    _ = try await harness.join()
    #expect(harness.equipment.isAwake)
    await harness.pass(.seconds(7_200))
    #expect(harness.equipment.isAwake)
  }

  @Test("what is plugged in is shared while it has a signal, if that is wished")
  func presentation() async throws {
    let harness = await RoomHarness()
    harness.equipment.change { $0.inputs = [.init(isConnected: true, hasSignal: false)] }
    let meeting = try await harness.join()
    await harness.pass(.seconds(30))
    #expect(try await harness.state("Video Input Connector 1 SignalState") == "NotFound")
    #expect(meeting.done().isEmpty)
    await #expect(throws: ControlError.failed(reason: "No signal")) { try await harness.run("Presentation Start") }
    harness.equipment.change { $0.inputs[0].hasSignal = true }
    meeting.fail(CallFailure("Not allowed"))
    await harness.pass(.seconds(30))
    meeting.fail(nil)
    await harness.pass(.seconds(90))
    // Once more after it was refused, and then no more.
    #expect(meeting.done() == ["present 1", "present 1"])
    var own = RoomControllerTests.member("Salle")
    own.isPresenting = true
    meeting.happen(.rosterChanged(CallRoster(others: [], own: own)))
    try await harness.reaches("Conference Presentation Mode", "Sending")
    try await harness.reaches("Conference Presentation LocalInstance 1 Source", "1")
    harness.equipment.change { $0.inputs[0].hasSignal = false }
    await harness.pass(.seconds(30))
    #expect(meeting.done() == ["present nothing"])
    try await harness.set("Video Input Connector 1 PresentationSelection", "Manual")
    harness.equipment.change { $0.inputs[0].hasSignal = true }
    await harness.pass(.seconds(30))
    #expect(meeting.done().isEmpty)
    try await harness.run("Presentation Start", [("ConnectorId", "1")])
    #expect(meeting.done() == ["present 1"])
  }

  @Test("what is missing is told, and keeps it from dialling; in a meeting it doesn't")
  func faults() async throws {
    let directory = try TemporaryDirectory()
    let storage = try RoomStorage(path: directory.file("room.sqlite"))
    let harness = await RoomHarness(storage: storage, invalid: ["Old Setting"])
    #expect(try await harness.state("Diagnostics Message 1 Type") == "SettingsInvalid")
    #expect(try await harness.state("Diagnostics Message 1 Description")?.contains("Old Setting") == true)
    _ = try await harness.join("abc")
    harness.equipment.change {
      $0.faults = [.sound]
      $0.cameras = [.init(condition: .disconnected, model: "Eye")]
    }
    await harness.pass(.seconds(1))
    #expect(try await harness.state("SystemUnit State Room") == "InMeeting")
    #expect(try await harness.state("Diagnostics Message 3 Type") == "SoundMissing")
    #expect(try await harness.state("Cameras Camera 1 Connected") == "False")
    try await harness.run("Call Disconnect")
    try await harness.reaches("SystemUnit State Room", "Fault")
    await #expect(throws: ControlError.failed(reason: "Room out of order: sound")) {
      try await harness.run("Dial", [("Number", "abc")])
    }
    harness.equipment.change { $0.faults = [] }
    await harness.pass(.seconds(1))
    #expect(try await harness.state("SystemUnit State Room") == "Idle")
    #expect(try await harness.state("Diagnostics Message 3 Type") == nil)
    let past = try storage.diagnostics()
    #expect(past.map(\.type) == ["CameraMissing", "SoundMissing", "SettingsInvalid"])
    #expect(past.map { $0.ended != nil } == [false, true, false])
    #expect(try storage.lastRoom() == "abc")
  }

  @Test("in a meeting the volume is shown when it changes")
  func volume() async throws {
    let harness = await RoomHarness()
    try await harness.run("Audio Volume Set", [("Level", "40")])
    let meeting = try await harness.join()
    try await harness.run("Audio Volume Increase", [("Steps", "15")])
    try await harness.run("Audio Volume ToggleMute")
    #expect(meeting.done() == ["volume 55", "volume 0"])
  }

  @Test("it leaves when it is to stop")
  func stop() async throws {
    let harness = await RoomHarness()
    let meeting = try await harness.join()
    await harness.room.stop()
    #expect(try await harness.state("SystemUnit State NumberOfActiveCalls") == "0")
    #expect(await meeting.run().cause == .left)
    await harness.room.stop()
  }

  @Test("its name and language are those of the settings")
  func settings() async throws {
    let harness = await RoomHarness()
    try await harness.set("SystemUnit Name", "Rivoli")
    try await harness.set("UserInterface Language", "English")
    let meeting = try await harness.join()
    let wishes = meeting.wishes
    #expect(wishes.name == "Rivoli")
    #expect(!wishes.isFrench)
    meeting.end(CallEnding(.ended, "over"))
    try await harness.reaches("SystemUnit State Room", "Idle")
    // Nobody's picture stays.
    await harness.room.tick()
    #expect(harness.equipment.views.map { $0?.name } == ["Salle", nil, "Rivoli"])
    #expect(harness.equipment.views.last??.notice == "over")
    #expect(harness.equipment.views.last??.availability == "Room is free")
  }
}

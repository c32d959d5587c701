import Control
import Testing

@testable import Appliance

@Suite("The room's camera by command")
struct RoomCameraTests {
  private func motion(_ pan: Double = 0, _ tilt: Double = 0, _ zoom: Double = 0) -> CameraMotion {
    var motion = CameraMotion()
    (motion.pan, motion.tilt, motion.zoom) = (pan, tilt, zoom)
    return motion
  }

  @Test("moves on each axis by itself until it is stopped there")
  func ramp() async throws {
    let harness = await RoomHarness()
    let camera = harness.equipment.theCamera
    try await harness.run("Camera Ramp", [("CameraId", "1"), ("Pan", "Left"), ("PanSpeed", "15")])
    try await harness.run("Camera Ramp", [("CameraId", "1"), ("Tilt", "Up"), ("Zoom", "Out"), ("ZoomSpeed", "3")])
    try await harness.run("Camera Ramp", [("CameraId", "1"), ("Pan", "Stop")])
    try await harness.run("Camera Ramp", [("CameraId", "1"), ("Tilt", "Stop"), ("Zoom", "Stop")])
    let usual = 5.0 / 15
    #expect(camera.motions == [motion(-1), motion(-1, usual, -0.2), motion(0, usual, -0.2), motion()])
    await #expect(throws: ControlError.failed(reason: "No such camera")) {
      try await harness.run("Camera Ramp", [("CameraId", "2"), ("Pan", "Left")])
    }
    camera.fail(CallFailure("Not supported"))
    await #expect(throws: ControlError.failed(reason: "Not supported")) {
      try await harness.run("Camera Ramp", [("CameraId", "1"), ("Pan", "Left")])
    }
  }

  @Test("a movement that nobody stops ends by itself")
  func forgotten() async throws {
    let harness = await RoomHarness()
    let camera = harness.equipment.theCamera
    try await harness.run("Camera Ramp", [("CameraId", "1"), ("Zoom", "In"), ("ZoomSpeed", "15")])
    await harness.pass(.seconds(14))
    #expect(camera.motions == [motion(0, 0, 1)])
    await harness.pass(.seconds(2))
    #expect(camera.motions == [motion(0, 0, 1), motion()])
    await harness.pass(.seconds(60))
    #expect(camera.motions.count == 2)
  }

  @Test("where it looks is told within bounds")
  func position() async throws {
    let harness = await RoomHarness()
    harness.equipment.change { $0.cameras = [.init(condition: .showing, model: "Cam")] }
    await harness.pass(.seconds(1))
    #expect(try await harness.state("Cameras Camera 1 Position Pan") == "-5000")
    #expect(try await harness.state("Cameras Camera 1 Position Tilt") == "10000")
    #expect(try await harness.state("Cameras Camera 1 Position Zoom") == "0")
  }

  @Test("another camera is taken, and told; one that is gone is no longer listed")
  func selection() async throws {
    let harness = await RoomHarness()
    harness.equipment.change {
      $0.cameras = [.init(condition: .showing, model: "Front"), .init(condition: .showing, model: "Back")]
      $0.mainCamera = 1
    }
    await harness.pass(.seconds(1))
    #expect(try await harness.state("Cameras Camera 2 Model") == "Back")
    #expect(try await harness.state("Video Input MainVideoSource") == "1")
    try await harness.run("Video Input SetMainVideoSource", [("SourceId", "2")])
    #expect(try await harness.state("Video Input MainVideoSource") == "2")
    await #expect(throws: ControlError.failed(reason: "No such camera")) {
      try await harness.run("Video Input SetMainVideoSource", [("SourceId", "3")])
    }
    harness.equipment.change {
      $0.cameras.removeLast()
      $0.mainCamera = 1
    }
    await harness.pass(.seconds(1))
    #expect(try await harness.state("Cameras Camera 2 Model") == nil)
    #expect(try await harness.state("Cameras Camera 1 Model") == "Front")
  }

  @Test("views are kept, listed, called up and forgotten, over a restart too")
  func presets() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("room.sqlite")
    do {
      let harness = await RoomHarness(storage: try RoomStorage(path: path))
      let camera = harness.equipment.theCamera
      camera.look("table")
      let first = try await harness.run("Camera Preset Store", [("CameraId", "1"), ("Name", "Table")])
      #expect(first.map { "\($0.path)=\($0.value.text)" } == ["PresetId=1"])
      camera.look("door")
      try await harness.run("Camera Preset Store", [("CameraId", "1"), ("PresetId", "7"), ("Name", "Porte")])
      camera.look("board")
      // The same place again keeps its name.
      try await harness.run("Camera Preset Store", [("CameraId", "1"), ("PresetId", "7")])
      try await harness.run("Camera Preset Activate", [("PresetId", "1")])
      #expect(camera.view == "table")
    }
    let harness = await RoomHarness(storage: try RoomStorage(path: path))
    let listed = try await harness.run("Camera Preset List").map { "\($0.path)=\($0.value.text)" }
    #expect(
      listed == [
        "Preset 1 PresetId=1", "Preset 1 CameraId=1", "Preset 1 Name=Table", "Preset 2 PresetId=7",
        "Preset 2 CameraId=1", "Preset 2 Name=Porte",
      ])
    try await harness.run("Camera Preset Activate", [("PresetId", "7")])
    #expect(harness.equipment.theCamera.view == "board")
    try await harness.run("Camera Preset Remove", [("PresetId", "7")])
    await #expect(throws: ControlError.failed(reason: "No such preset")) {
      try await harness.run("Camera Preset Activate", [("PresetId", "7")])
    }
    for number in 2...35 {
      let stored = try await harness.run("Camera Preset Store", [("CameraId", "1")])
      #expect(stored.first?.value == .integer(number))
    }
    await #expect(throws: ControlError.failed(reason: "No free preset")) {
      try await harness.run("Camera Preset Store", [("CameraId", "1")])
    }
  }
}

import Control
import Testing

@testable import Appliance

@Suite("Panels and control systems that announce themselves")
struct RoomPeripheralsTests {
  private func announce(_ identity: String, _ harness: RoomHarness) async throws {
    try await harness.run(
      "Peripherals Connect", [("ID", identity), ("Type", "TouchPanel"), ("Name", "Panneau"), ("SerialNumber", "7")])
  }

  @Test("they are listed, lost when they fall silent, and back when they are heard of")
  func life() async throws {
    let harness = await RoomHarness()
    try await announce("a", harness)
    try await announce("b", harness)
    try await announce("a", harness)
    let place = "Peripherals ConnectedDevice"
    #expect(try await harness.state("\(place) 1 ID") == "a")
    #expect(try await harness.state("\(place) 2 Name") == "Panneau")
    #expect(try await harness.state("\(place) 2 SerialNumber") == "7")
    #expect(try await harness.state("\(place) 3 ID") == nil)
    try await harness.run("Peripherals HeartBeat", [("ID", "a"), ("Timeout", "300")])
    await harness.pass(.seconds(61))
    #expect(try await harness.state("\(place) 1 Status") == "Connected")
    #expect(try await harness.state("\(place) 2 Status") == "LostConnection")
    try await harness.run("Peripherals HeartBeat", [("ID", "b")])
    #expect(try await harness.state("\(place) 2 Status") == "Connected")
    await #expect(throws: ControlError.failed(reason: "Unknown device")) {
      try await harness.run("Peripherals HeartBeat", [("ID", "c")])
    }
  }

  @Test("there are only so many, and a lost one gives its place")
  func limit() async throws {
    let harness = await RoomHarness()
    for number in 1...32 { try await announce("\(number)", harness) }
    await #expect(throws: ControlError.failed(reason: "Too many devices")) { try await announce("33", harness) }
    for number in 2...32 { try await harness.run("Peripherals HeartBeat", [("ID", "\(number)"), ("Timeout", "3600")]) }
    await harness.pass(.seconds(90))
    try await announce("33", harness)
    #expect(try await harness.state("Peripherals ConnectedDevice 1 ID") == "33")
  }

  @Test("the machine is restarted once the meeting is left")
  func boot() async throws {
    let harness = await RoomHarness()
    let meeting = try await harness.join()
    try await harness.run("SystemUnit Boot")
    #expect(harness.equipment.restarts == [false])
    #expect(await meeting.run().cause == .left)
    try await harness.run("SystemUnit Boot", [("Action", "Shutdown")])
    #expect(harness.equipment.restarts == [false, true])
  }
}

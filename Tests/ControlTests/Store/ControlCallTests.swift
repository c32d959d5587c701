import Testing

@testable import Control

@Suite("Commands")
struct ControlCallTests {
  private func call(_ words: String, _ arguments: [(String, String)], body: String? = nil) throws -> ControlCall {
    try ControlTree.room.call(
      words.split(separator: " ").map(String.init), arguments.map { (name: $0.0, value: $0.1) }, body: body)
  }

  @Test("arguments are named and spelt in any case")
  func arguments() throws {
    let call = try call("camera RAMP", [("cameraid", "1"), ("PAN", "left"), ("PanSpeed", "15")])
    #expect(call.integer("CameraId") == 1)
    #expect(call.text("Pan") == "Left")
    #expect(call.text("Tilt") == nil)
  }

  @Test("each wrong argument is named")
  func faults() {
    let expected: [ControlError.ParameterFault] = [
      .invalid("Pan"), .unknown("Paan"), .repeated("PanSpeed"), .unknown("Parameter"), .missing("CameraId"),
    ]
    #expect(throws: ControlError.parameters(expected)) {
      try call("Camera Ramp", [("Pan", "Up"), ("Paan", "1"), ("PanSpeed", "1"), ("panspeed", "2"), ("<>", "1")])
    }
    #expect(throws: ControlError.parameters([.invalid("Level")])) { try call("Audio Volume Set", [("Level", "101")]) }
    #expect(throws: ControlError.parameters([.missing("body")])) { try call("Bookings Put", []) }
  }

  @Test("what isn't a command is named")
  func unknown() {
    #expect(throws: ControlError.invalidPath(reason: "Unknown command", xpath: "/Dila")) { try call("Dila", []) }
    #expect(throws: ControlError.self) { try call("Audio Volume", []) }
    #expect(throws: ControlError.self) { try call("", []) }
  }

  @Test("a body goes only where one is taken")
  func bodies() throws {
    #expect(try call("Bookings Put", [], body: "{}").body == "{}")
    #expect(try call("Standby Activate", [], body: "{}").body == nil)
  }
}

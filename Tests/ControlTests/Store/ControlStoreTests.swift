import Testing

@testable import Control

@Suite("Control store")
struct ControlStoreTests {
  private var store = ControlStore(tree: .room)

  private func path(_ text: String) throws -> ControlPath { try #require(ControlPath(text)) }

  private func lines(_ query: String, role: ControlRole = .admin) throws -> [String] {
    let query = try #require(ControlQuery(expression: query))
    return try store.leaves(query, role: role).map { "\($0.path): \($0.value.text)" }
  }

  @Test("settings are validated before they change, and written as their space spells them")
  mutating func settings() throws {
    let control = try path("standby control")
    #expect(store.value(.configuration, control) == .literal("On"))
    #expect(throws: ControlError.illegalValue) { try store.set(control, to: "maybe", role: .admin) }
    #expect(throws: ControlError.forbidden) { try store.set(control, to: "off", role: .integrator) }
    #expect(store.value(.configuration, control) == .literal("On"))
    let change = try store.set(control, to: "off", role: .admin)
    #expect(change.entries.map(\.leaf) == [ControlLeaf(try path("Standby Control"), .literal("Off"))])
    #expect(try store.set(control, to: "OFF", role: .admin).isEmpty)
    for wrong in ["Standby", "Standby Control More", "Standby Control 1", "Nonsense", "Audio Volume"] {
      #expect(throws: ControlError.self) { try store.set(try path(wrong), to: "1", role: .admin) }
    }
  }

  @Test("items of a setting's list are those it has")
  mutating func items() throws {
    _ = try store.set(try path("Video Output Connector 2 MonitorRole"), to: "second", role: .integrator)
    #expect(
      try lines("/Configuration/Video/Output/Connector/MonitorRole") == [
        "Video Output Connector 1 MonitorRole: Auto", "Video Output Connector 2 MonitorRole: Second",
      ])
    #expect(try lines("Configuration/Video/Output/Connector[@item='2']/MonitorRole").count == 1)
    let error = ControlError.invalidPath(
      reason: "No match on address expression", xpath: "Configuration/Video/Output/Connector[99]/MonitorRole")
    #expect(throws: error) {
      try store.set(try path("Video Output Connector 99 MonitorRole"), to: "First", role: .admin)
    }
    #expect(throws: ControlError.self) { try lines("Configuration/Video/Output/Connector[99]/MonitorRole") }
  }

  @Test("states change together, and only what is new is told")
  mutating func states() throws {
    let volume = try path("Audio Volume")
    let mute = try path("Audio Microphones Mute")
    let change = try store.update([(volume, .integer(60)), (mute, .onOff(false))])
    #expect(change.entries.map(\.leaf) == [ControlLeaf(volume, .integer(60))])
    // One that isn't declared, and nothing of it happens.
    #expect(throws: ControlError.invalidStatus) {
      try store.update([(mute, .onOff(true)), (volume, .integer(101))])
    }
    #expect(store.value(.status, mute) == .onOff(false))
    #expect(throws: ControlError.invalidStatus) { try store.update([(try path("Audio Loudness"), .integer(1))]) }
  }

  @Test("items of lists come and go with all that is below them")
  mutating func lists() throws {
    #expect(try lines("/Status/Call").isEmpty)
    _ = try store.update([
      (try path("Call 27 Status"), .literal("Connecting")), (try path("Call 3 Status"), .literal("Connected")),
      (try path("Call 27 DisplayName"), .string("Réunion")),
    ])
    #expect(
      try lines("/Status/Call") == [
        "Call 3 Status: Connected", "Call 27 Status: Connecting", "Call 27 DisplayName: Réunion",
      ])
    #expect(try lines("/Status/Call[27]").count == 2)
    let change = store.remove(try path("call 27"))
    #expect(change.removals == [try path("Call 27")])
    #expect(store.remove(try path("Call 27")).isEmpty)
    #expect(store.remove(try path("Call")).isEmpty)
    #expect(try lines("/Status/Call") == ["Call 3 Status: Connected"])
  }

  @Test("a list doesn't grow without bound")
  mutating func bounded() throws {
    for item in 1...ControlStore.maximumItemCount {
      _ = try store.update([(try path("Call \(item) Status"), .literal("Connected"))])
    }
    #expect(throws: ControlError.invalidStatus) {
      try store.update([(try path("Call 5000 Status"), .literal("Connected"))])
    }
    _ = try store.update([(try path("Call 1 Status"), .literal("Idle"))])
  }

  @Test("a role sees what it may")
  mutating func roles() throws {
    #expect(throws: ControlError.self) { try lines("/Status/SystemUnit/Hardware", role: .user) }
    #expect(try lines("/Status/SystemUnit/Hardware", role: .integrator).count == 1)
    #expect(try lines("/Status/SystemUnit", role: .user).count < lines("/Status/SystemUnit", role: .admin).count)
    let update = try store.update([(try path("SystemUnit Hardware Module SerialNumber"), .string("1"))])
    let query = try #require(ControlQuery(expression: "/Status"))
    #expect(update.part(for: [query], role: .user, in: store.tree) == nil)
    #expect(update.part(for: [query], role: .integrator, in: store.tree) == update)
    _ = try store.update([(try path("Diagnostics Message 1 Type"), .string("Network"))])
    let removal = store.remove(try path("Diagnostics Message 1"))
    #expect(removal.part(for: [query], role: .user, in: store.tree) == nil)
    #expect(removal.part(for: [query], role: .integrator, in: store.tree) == removal)
  }

  @Test("events are what they are declared to be")
  func events() throws {
    let fields: [(String, ControlValue)] = [
      ("CallId", .integer(3)), ("CauseValue", .integer(0)), ("CauseString", .string("")),
      ("CauseType", .literal("LocalDisconnect")), ("OrigCallDirection", .string("outgoing")),
    ]
    let event = try store.event("CallDisconnect", fields)
    #expect(event.entries.count == 5)
    #expect(throws: ControlError.invalidStatus) { try store.event("CallDisconnect", Array(fields.dropLast())) }
    #expect(throws: ControlError.invalidStatus) { try store.event("CallDisconnect", fields + [("X", .integer(1))]) }
    #expect(throws: ControlError.invalidStatus) { try store.event("CallConnect", fields) }
    #expect(throws: ControlError.invalidStatus) {
      try store.event("CallDisconnect", [("CallId", .string("3"))] + fields.dropFirst())
    }
    for (expression, isMeant) in [
      ("/Event", true), ("/Event/CallDisconnect", true), ("/event/calldisconnect/causetype", true),
      ("/Event/Bookings", false), ("/Status", false),
    ] {
      let query = try #require(ControlQuery(expression: expression))
      #expect((event.part(for: [query], role: .user, in: store.tree) != nil) == isMeant, "\(expression)")
    }
  }

  @Test(
    "queries find what they mean",
    arguments: [
      ("//out//mon", ["Video Output Connector 1 MonitorRole", "Video Output Connector 2 MonitorRole"]),
      ("audio defaultvolume", ["Audio DefaultVolume"]), ("/Audio/DefaultVolume", ["Audio DefaultVolume"]),
      ("** MonitorRole", ["Video Output Connector 1 MonitorRole", "Video Output Connector 2 MonitorRole"]),
      ("Video Input Connector 2", ["Video Input Connector 2 Name", "Video Input Connector 2 PresentationSelection"]),
    ])
  func queries(text: String, expected: [String]) throws {
    let query = try #require(ControlQuery(.configuration, words: text.split(separator: " ").map(String.init)))
    #expect(try store.leaves(query, role: .admin).map(\.path.description) == expected)
  }

  @Test("expressions that mean nothing are no queries")
  func wrongQueries() {
    for text in [
      "", "/", "/Nothing", "Status/3", "Status/Call[", "Status/Call[x]", "Status/Call[@item=3]", "Status/Call[-1]",
    ] {
      #expect(ControlQuery(expression: text) == nil, "\(text)")
    }
    let long = "Status" + String(repeating: "/**/a", count: 40)
    #expect(ControlQuery(expression: long) == nil)
    #expect(ControlQuery(expression: "Status/Call[@item=\"27\"]") == ControlQuery(expression: "/status/call/27"))
  }

  @Test("what is gone concerns whoever asked for it, or for a part of it")
  func concerns() throws {
    let call = try path("Call 2")
    for (expression, isConcerned) in [
      ("/Status", true), ("/Status/Call", true), ("/Status/Call[2]", true), ("/Status/Call[2]/Status", true),
      ("/Status/Call/Status", true), ("/Status/Call[3]", false), ("/Status/Audio", false),
      ("/Status/**/Duration", true), ("/Status/**/Volume", false),
    ] {
      let query = try #require(ControlQuery(expression: expression))
      #expect(ControlTree.room.wasThere(call, in: .status, for: [query], role: .user) == isConcerned, "\(expression)")
    }
  }
}

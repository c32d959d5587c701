import Control
import Testing

@testable import Appliance

@Suite("The file of settings")
struct SettingsFileTests {
  static func settings(of store: ControlStore) throws -> [ControlLeaf] {
    try store.leaves(try #require(ControlQuery(.configuration, [])), role: .admin)
  }

  @Test("brings back every setting, whatever it is")
  func roundTrip() throws {
    var store = ControlStore(tree: .room)
    let names = ["On", "1", "~", "a: b # c", "\"'\\", "é\u{1F600}\t\nx", " ", "- x", "{}", "0x1F", "", "null", "yes"]
    for name in names {
      _ = try store.set(try #require(ControlPath("SystemUnit Name")), to: name, role: .admin)
      _ = try store.set(try #require(ControlPath("Video Input Connector 2 Name")), to: name, role: .admin)
      let settings = try Self.settings(of: store)
      let text = try SettingsFile.text(settings)
      #expect(try SettingsFile.settings(text, tree: .room) == settings, "\(text)")
    }
  }

  @Test("is easy to read")
  func form() throws {
    let text = try SettingsFile.text([
      RoomStorageTests.leaf("Audio DefaultVolume", .integer(50)),
      RoomStorageTests.leaf("Video Input Connector 1 Name", .string("Écran")),
    ])
    #expect(
      text == """
        salle: 1
        settings:
          Audio DefaultVolume: 50
          Video Input Connector 1 Name: "Écran"

        """)
  }

  @Test("may be written by hand")
  func byHand() throws {
    let text = "# ours\nsettings: {audio defaultvolume: '7', Standby Control: off}\nsalle: 1\n"
    #expect(
      try SettingsFile.settings(text, tree: .room) == [
        RoomStorageTests.leaf("Audio DefaultVolume", .integer(7)),
        RoomStorageTests.leaf("Standby Control", .literal("Off")),
      ])
  }

  @Test(
    "is refused whole, with a reason",
    arguments: [
      ("", SettingsFile.Failure.malformed("the file is empty")),
      ("salle: 2\nsettings: {}", .version("2")),
      ("settings: {}", .malformed("“salle”, the version, is missing")),
      ("salle: 1", .malformed("“settings” is missing")),
      ("salle: 1\nsettings: []", .malformed("“settings” is no mapping")),
      ("salle: 1\nother: 1\nsettings: {}", .malformed("“other” isn't known")),
      ("salle: 1\nsettings: {Audio Volume: 1, Standby Delay: 2, Nothing: 1}", .unknown(["Audio Volume", "Nothing"])),
      ("salle: 1\nsettings: {Standby Delay: 2, standby delay: 3}", .unknown(["standby delay"])),
      (
        "salle: 1\nsettings: {Standby Delay: 999, SystemUnit Name: [], Standby Control: On}",
        .illegal(["Standby Delay", "SystemUnit Name"])
      ),
      (String(repeating: "[", count: 100_000), .unreadable("nested too deep")),
      (String(repeating: "- ", count: 100_000), .unreadable("nested too deep")),
      (String(repeating: "a", count: 300_000), .unreadable("longer than 262144 bytes")),
    ])
  func refusals(_ text: String, _ failure: SettingsFile.Failure) {
    #expect(throws: failure) { try SettingsFile.settings(text, tree: .room) }
  }

  @Test(
    "that isn't YAML is refused", arguments: ["a: [", "\u{0}", "a: b: c", "a: *x", "a: 1\na: 2", "%YAML 9.9\n---\n"])
  func unreadable(_ text: String) {
    #expect(throws: SettingsFile.Failure.self) { try SettingsFile.settings(text, tree: .room) }
  }

  @Test("is applied whole or not at all")
  func application() async throws {
    let center = ControlCenter(authenticator: { _, _ in nil })
    let good = try RoomStorageTests.leaf("Standby Delay", .integer(3))
    let bad = try RoomStorageTests.leaf("Audio DefaultVolume", .integer(500))
    await #expect(throws: ControlError.illegalValue) { try await center.set([good, bad], role: .admin) }
    #expect(await center.value(.configuration, good.path) == .integer(10))
    try await center.set([good], role: .admin)
    #expect(await center.value(.configuration, good.path) == .integer(3))
  }
}

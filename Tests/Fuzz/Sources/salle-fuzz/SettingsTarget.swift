import Control

@testable import Appliance

extension FuzzTarget {
  /// The file of settings that somebody gives the room.
  static let settingsFile = FuzzTarget(name: "settings-file") { bytes in
    guard let settings = try? SettingsFile.settings(String(decoding: bytes, as: UTF8.self), tree: .room) else { return }
    let text = try? SettingsFile.text(settings)
    require(text != nil, "can't be written")
    require(text.flatMap { try? SettingsFile.settings($0, tree: .room) } == settings, "changes in print")
  } seeds: {
    let store = ControlStore(tree: .room)
    let all = ControlQuery(.configuration, []).flatMap { try? store.leaves($0, role: .admin) } ?? []
    return [
      (try? SettingsFile.text(all)) ?? "", "salle: 1\nsettings: {audio defaultvolume: '7', Standby Control: off}\n",
      "%YAML 1.1\n---\nsalle: !!int 1\nsettings: &a\n  ? SystemUnit Name\n  : |\n    a\n    b\n...\n",
      "a: &a [1, 2]\nb: *a\n<<: {c: \"\\u00e9\\x41\"}\n- - x\n",
    ].map { Array($0.utf8) }
  }
}

import Control
import Glibc
import Realtime
import Testing

@testable import Appliance

@Suite("The room's file when its writer is killed")
struct StorageKillTests {
  @Test("loses nothing that was acknowledged and holds nothing half-written, 500 times")
  func kills() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("room.sqlite")
    var random = SeededRandom(seed: 7)
    var stored = 0
    var lastRoom = 0
    var acknowledgedCount = 0
    for kill in 0..<500 {
      let victim = try Victim("storage-writer", [path, String(stored)])
      // Some while it starts and opens the file, most between two writes or in one.
      let lines = Int.random(in: 0...8, using: &random)
      victim.waitForLines(lines)
      usleep(UInt32.random(in: 0...(lines == 0 ? 15_000 : 1_500), using: &random))
      victim.kill()
      let said = Self.acknowledged(victim.output)
      acknowledgedCount += said.count

      let storage = try RoomStorage(path: path)
      #expect(storage.damagedPath == nil, "kill \(kill)")
      let settings = Dictionary(uniqueKeysWithValues: try storage.settings().map { ($0.path, $0.value) })
      let name = settings["SystemUnit Name"].flatMap { Int($0) } ?? 0
      let input = settings["Video Input Connector 1 Name"].flatMap { Int($0) } ?? 0
      let room = try storage.lastRoom().flatMap { Int($0) } ?? 0
      // What belongs together, and then what is written after it.
      #expect(name == input, "kill \(kill)")
      // Killed between the two twice in a row, the room is still that of before.
      #expect(name == room || name == room + 1 || room == lastRoom, "kill \(kill)")
      #expect(name >= said.settings && room >= said.room, "kill \(kill)")
      // Nor more than what was being written.
      #expect(name <= max(said.settings, stored) + 1, "kill \(kill)")
      guard name == input, name >= said.settings else { return }
      (stored, lastRoom) = (name, room)
    }
    // The kills came amid work.
    #expect(acknowledgedCount > 500)
  }

  private static func acknowledged(_ output: [UInt8]) -> (settings: Int, room: Int, count: Int) {
    var result = (settings: 0, room: 0, count: 0)
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    for line in lines {
      let words = line.split(separator: " ")
      guard words.count == 2, let number = Int(words[1]) else { continue }
      if words[0] == "s" { result.settings = number } else { result.room = number }
      result.count += 1
    }
    return result
  }
}

import Appliance
import Control
import Glibc

/// Writes to a room's file without end, to be killed at it: settings that belong together, and the last room. Tells on
/// standard output, after each, up to which number it has been told that all is stored.
@main
struct StorageWriter {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, var number = Int(arguments[2]) else { exit(64) }
    let storage = try RoomStorage(path: arguments[1])
    guard let name = ControlPath("SystemUnit Name"), let input = ControlPath("Video Input Connector 1 Name") else {
      exit(1)
    }
    while true {
      number += 1
      let value = ControlValue.string(String(number))
      try storage.store([ControlLeaf(name, value), ControlLeaf(input, value)])
      say("s \(number)\n")
      try storage.noteRoom(String(number), at: Int64(number))
      say("r \(number)\n")
    }
  }

  private static func say(_ text: String) {
    let bytes = Array(text.utf8)
    guard write(STDOUT_FILENO, bytes, bytes.count) == bytes.count else { exit(1) }
  }
}

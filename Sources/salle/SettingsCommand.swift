import Appliance
import ArgumentParser
import Catalogue
import Control
import Glibc

/// `salle settings`.
struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "Writes and reads the room's settings as a YAML file, while the room isn't running.",
    subcommands: [Export.self, Import.self])

  /// What both need.
  struct Options: ParsableArguments {
    @Option(help: "Where the room keeps what lasts.")
    var stateDirectory = "/var/lib/salle"
  }

  /// `salle settings export`.
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Writes all settings to standard output.")

    @OptionGroup var options: Options

    func run() throws {
      let directory = try StateDirectory(options.stateDirectory)
      var store = ControlStore(tree: .room)
      for setting in try StoredSettings(try directory.storage()).settings {
        _ = try store.set([setting], role: .admin)
      }
      guard let all = ControlQuery(.configuration, []) else { return }
      print(try SettingsFile.text(try store.leaves(all, role: .admin)), terminator: "")
    }
  }

  /// `salle settings import`.
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sets what the file on standard input says; all of it or, if something is wrong, nothing.")

    @OptionGroup var options: Options

    func run() throws {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while case let count = read(STDIN_FILENO, &buffer, buffer.count), count > 0 {
        bytes += buffer[..<count]
        guard bytes.count <= SettingsFile.maximumLength else { break }
      }
      let settings: [ControlLeaf]
      do throws(SettingsFile.Failure) {
        settings = try SettingsFile.settings(String(decoding: bytes, as: UTF8.self), tree: .room)
      } catch {
        throw ValidationError("\(error)")
      }
      try StateDirectory(options.stateDirectory).storage().store(settings)
      Terminal.say("\(settings.count)")
    }
  }
}

import ArgumentParser

/// The program's entry: subcommands only.
@main
struct Salle: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "salle",
    abstract: "A Visio meeting room.",
    discussion: ExitStatus.help,
    version: Version.text,
    subcommands: [
      RunCommand.self, JoinCommand.self, DemoCommand.self, DevicesCommand.self, AudioCommand.self,
      DoctorCommand.self, SettingsCommand.self, VersionCommand.self,
    ])
}

/// `salle version`.
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

  func run() {
    Terminal.say("salle \(Version.text)")
  }
}

/// Salle's version.
enum Version {
  static let text = "0.1.0"
}

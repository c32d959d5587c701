import ArgumentParser

/// Measures Salle against named references in the same run.
@main
struct SalleBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "salle-bench", abstract: "Measures Salle against named references in the same run.",
    subcommands: [
      TransportCommand.self, CallCommand.self, CallRoomCommand.self, CallMemberCommand.self,
      DevicesCommand.self, AudioCommand.self,
    ])
}

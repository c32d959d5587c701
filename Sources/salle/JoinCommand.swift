import ArgumentParser
import Catalogue
import Visio
import WebRTCNIO

/// `salle join`.
struct JoinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join", abstract: "Joins a Visio meeting; Ctrl-C leaves it.", discussion: ExitStatus.hint)

  @Argument(help: "The meeting's code, such as abc-defg-hij, or its link.")
  var meeting: String

  @Option(help: "The Visio instance of a code, such as https://visio.numerique.gouv.fr.")
  var instance: String?

  @OptionGroup var room: RoomOptions

  func run() async throws {
    let defaultInstance = instance.flatMap { VisioInstance($0) }
    if let instance, defaultInstance == nil {
      Terminal.complain(CodeSentences.noAddress(name: instance)[room.language])
      throw ExitStatus.invalidCode.code
    }
    let link: MeetingLink
    do {
      link = try MeetingLink(typed: meeting, defaultInstance: defaultInstance)
    } catch {
      Terminal.complain(error.sentence[room.language])
      throw ExitStatus.invalidCode.code
    }
    // An instance on this very machine is reached, and reaches us, by the loopback address alone.
    let isLocal = ["127.0.0.1", "localhost", "[::1]"].contains(link.instance.host)
    let status = await RoomRunner(
      options: room, link: link, interfaces: isLocal ? .loopback : .all, defaults: .devices
    ).run()
    if status != .success { throw status.code }
  }
}

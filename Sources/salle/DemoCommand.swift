import ArgumentParser
import Catalogue
import PracticeRoom
import Visio
import WebRTCNIO

/// `salle demo`.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Joins a practice meeting inside this program and shows the room's screen in a browser; Ctrl-C ends it.",
    discussion: ExitStatus.hint)

  @OptionGroup var room: RoomOptions

  func run() async throws {
    let practice: PracticeRoom
    do {
      practice = try await PracticeRoom.start(logger: Terminal.logger("salle.practice", isVerbose: room.verbose))
    } catch {
      Terminal.complain("\(NarrationSentences.practiceUnavailable[room.language]) (\(error))")
      throw ExitStatus.serviceFailed.code
    }
    Terminal.say(NarrationSentences.practiceRoom(link: "\(practice.url)/\(practice.code)")[room.language])
    let link = try MeetingLink(typed: "\(practice.url)/\(practice.code)")
    let status = await RoomRunner(options: room, link: link, interfaces: .loopback, defaults: .standIns).run()
    await practice.stop()
    if status != .success { throw status.code }
  }
}

import ArgumentParser
import Catalogue
import PracticeRoom
import Visio

/// `salle demo`.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Joins a practice meeting inside this program and shows the room's screen in a browser; Ctrl-C ends it.",
    discussion: ExitStatus.help)

  @OptionGroup var room: RoomOptions

  func run() async throws {
    let practice: PracticeRoom
    do {
      practice = try await PracticeRoom.start()
    } catch {
      StandardError.write("\(NarrationSentences.practiceUnavailable[room.language]) (\(error))\n")
      throw ExitStatus.serviceFailed.code
    }
    let link = try MeetingLink(typed: "\(practice.url)/\(practice.code)")
    let status = await RoomRunner(options: room, link: link, interfaces: .loopback).run()
    await practice.stop()
    if status != .success { throw status.code }
  }
}

import ArgumentParser
import Glibc
import PracticeRoom

/// The meeting of the measured call, in a process of its own: what it costs is not counted.
struct CallRoomCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call-room", abstract: "A practice room with guests for `call`, until standard input ends.",
    shouldDisplay: false)

  @Option var guests = 4

  func run() async throws {
    var options = PracticeRoomOptions()
    options.participants = []
    options.guestCount = guests
    options.hasSpectator = true
    options.framesPerSecond = CallMaterial.framesPerSecond
    let room = try await PracticeRoom.start(options)
    print("room \(room.url) \(room.code)")
    fflush(nil)
    while getchar() != EOF {}
    await room.stop()
  }
}

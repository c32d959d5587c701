import LiveKit
import Logging
import NIOPosix

@testable import PracticeRoom

extension PracticeRoom {
  /// Runs `body` with a practice room in which nobody is, and ends it.
  static func with(
    _ change: (inout PracticeRoomOptions) -> Void = { _ in }, _ body: (PracticeRoom) async throws -> Void
  ) async throws {
    var options = PracticeRoomOptions()
    options.participants = []
    change(&options)
    var logger = Logger(label: "practice")
    logger.logLevel = .error
    let room = try await PracticeRoom.start(options, logger: logger)
    do {
      try await body(room)
    } catch {
      await room.stop()
      throw error
    }
    await room.stop()
  }

  /// The link of the meeting.
  var link: String { "\(url)/\(code)" }

  /// The same meeting under another code.
  func link(code: String) -> String { "\(url)/\(code)" }

  /// The identity of the one participant, once there is one.
  func onlyParticipant() async throws -> String {
    var identities: [String] = []
    let isThere = await eventually {
      identities = await participants()
      return identities.count == 1
    }
    guard isThere else { throw Missing("one participant; there are \(identities)") }
    return identities[0]
  }

  /// Lets somebody join as `identity`, who is gone again when `body` has returned.
  func withOther(identity: String, _ body: () async throws -> Void) async throws {
    let token = server.makeToken(identity: identity, name: "Somebody").text
    let endpoint = try SignalEndpoint(
      ConnectOptions(url: mediaURL, token: token, client: ClientDescription(version: "test")))
    let other = try await SignalConnection.open(endpoint, on: MultiThreadedEventLoopGroup.singleton.next())
    do {
      try await body()
    } catch {
      await other.close()
      throw error
    }
    await other.close()
  }
}

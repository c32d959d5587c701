import PracticeRoom
import Testing

/// Calls with programs that nobody here wrote. One after another: each wants the machine for itself, since what is
/// measured is time.
@Suite("Peers", .serialized)
enum PeerTests {
  /// What `body` gives, with `cleanUp` done in any case.
  static func ending<Result>(
    with cleanUp: () async -> Void, _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      let result = try await body()
      await cleanUp()
      return result
    } catch {
      await cleanUp()
      throw error
    }
  }

  /// What `body` gives with a practice room, which is gone afterwards.
  static func withRoom<Result>(
    _ change: (inout PracticeRoomOptions) -> Void = { _ in }, _ body: (PracticeRoom) async throws -> Result
  ) async throws -> Result {
    var options = PracticeRoomOptions()
    change(&options)
    let room = try await PracticeRoom.start(options)
    return try await ending(with: { await room.stop() }, { try await body(room) })
  }
}

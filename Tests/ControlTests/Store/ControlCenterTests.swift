import Realtime
import Synchronization
import Testing

@testable import Control

@Suite("Control centre")
struct ControlCenterTests {
  /// Does what it is told and remembers what it was told.
  private struct EchoSession: ControlSession {
    let requests: [ControlRequest]
    let role: ControlRole
    var deadline: Instant?
    let isReadable = true

    mutating func handle(_ input: ControlSessionInput, at now: Instant) -> [ControlSessionAction] {
      switch input {
      case .received: return requests.enumerated().map { .perform($1, role: role, number: $0) }
      case .answered(let number, let answer): return [.send(Array("\(number) \(answer)".utf8))]
      case .changed: return [.send(Array("changed".utf8))]
      case .woken:
        deadline = nil
        return [.close]
      case .opened, .authenticated: return []
      }
    }
  }

  /// What a session sent.
  private final class Sent: Sendable {
    let texts = Mutex<[String]>([])
    let isClosed = Mutex(false)

    func outlet(takesAll: Bool = true) -> ControlCenter.Outlet {
      { bytes in
        if let bytes { self.texts.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
        if bytes == nil { self.isClosed.withLock { $0 = true } }
        return takesAll
      }
    }

    var all: [String] { texts.withLock { $0 } }
  }

  private let center = ControlCenter(authenticator: { _, _ in nil }, clock: { Instant(nanoseconds: 1_000) })

  private func call(_ words: [String], _ arguments: [(name: String, value: String)] = []) throws -> ControlRequest {
    .run(try ControlTree.room.call(words, arguments))
  }

  @Test("a command goes to its handler, and its answer comes back")
  func commands() async throws {
    let dial = try call(["Dial"], [("Number", "abc-defg-hij")])
    await #expect(throws: ControlError.notReady) { try await center.perform(dial, role: .user) }
    try await center.handle("Dial") { call throws(ControlError) in
      guard call.text("Number") == "abc-defg-hij" else { throw .failed(reason: "another number") }
      return [ControlLeaf(ControlPath([.init("CallId")]), .integer(27))]
    }
    let answer = try await center.perform(dial, role: .user)
    #expect(answer == .done([ControlLeaf(ControlPath([.init("CallId")]), .integer(27))]))
    await #expect(throws: ControlError.failed(reason: "another number")) {
      try await center.perform(call(["Dial"], [("Number", "x")]), role: .user)
    }
  }

  @Test("a handler can only answer what is declared, and only for those who may")
  func contracts() async throws {
    try await center.handle("Standby Activate") { _ in [ControlLeaf(ControlPath([.init("CallId")]), .integer(1))] }
    try await center.handle("Bookings Put") { _ in [] }
    await #expect(throws: ControlError.invalidResponse) {
      try await center.perform(call(["Standby", "Activate"]), role: .user)
    }
    let put = ControlRequest.run(try ControlTree.room.call(["Bookings", "Put"], [], body: "[]"))
    await #expect(throws: ControlError.forbidden) { try await center.perform(put, role: .user) }
    await #expect(throws: Never.self) { try await center.perform(put, role: .integrator) }
    await #expect(throws: ControlError.self) { try await center.handle("Standby Jump") { _ in [] } }
    #expect(await center.unhandledCommands.count == ControlTree.room.indices(of: .command).count - 2)
  }

  @Test("observers and sessions hear of changes in order, and of nothing else")
  func changes() async throws {
    let seen = Sent()
    let sent = Sent()
    await center.observe { change in
      seen.texts.withLock { $0 += change.entries.map { "\($0.leaf.path)" } }
    }
    _ = await center.open(EchoSession(requests: [], role: .user), outlet: sent.outlet())
    let volume = try #require(ControlPath("Audio Volume"))
    try await center.update([(volume, .integer(7))])
    try await center.update([(volume, .integer(7))])
    try await center.raise("Bookings Updated", [])
    _ = try await center.perform(.set(try #require(ControlPath("Standby Delay")), "20"), role: .admin)
    await center.remove(try #require(ControlPath("Call 1")))
    #expect(seen.all == ["Audio Volume", "Standby Delay"])
    #expect(sent.all == ["changed", "changed", "changed"])
    #expect(await center.value(.configuration, try #require(ControlPath("Standby Delay"))) == .integer(20))
  }

  @Test("what can be answered at once comes before anything else")
  func order() async throws {
    let sent = Sent()
    let query = try #require(ControlQuery(expression: "/Status/Standby/State"))
    let path = try #require(ControlPath("Standby Delay"))
    let session = EchoSession(requests: [.get(query), .set(path, "30"), .set(path, "0")], role: .admin)
    let number = try #require(await center.open(session, outlet: sent.outlet()))
    await center.receive([1], from: number)
    #expect(sent.all.count == 4)
    #expect(sent.all[0] == "changed")
    #expect(sent.all[1].hasPrefix("0 success"))
    #expect(sent.all[2].hasPrefix("1 success"))
    #expect(sent.all[3].hasPrefix("2 failure"))
  }

  @Test("a peer that takes nothing is let go, and nobody else suffers")
  func halfOpen() async throws {
    let stuck = Sent()
    let fine = Sent()
    _ = await center.open(EchoSession(requests: [], role: .user), outlet: stuck.outlet(takesAll: false))
    _ = await center.open(EchoSession(requests: [], role: .user), outlet: fine.outlet())
    try await center.raise("Bookings Updated", [])
    try await center.raise("Bookings Updated", [])
    #expect(stuck.all.count == 1 && stuck.isClosed.withLock { $0 })
    #expect(fine.all.count == 2)
    #expect(await center.sessionCount == 1)
  }

  @Test("deadlines wake sessions, and there are only so many of these")
  func limits() async throws {
    let due = Sent()
    let session = EchoSession(requests: [], role: .user, deadline: Instant(nanoseconds: 900))
    _ = await center.open(session, outlet: due.outlet())
    let later = EchoSession(requests: [], role: .user, deadline: Instant(nanoseconds: 5_000))
    for _ in 1..<ControlCenter.maximumSessionCount {
      #expect(await center.open(later, outlet: Sent().outlet()) != nil)
    }
    #expect(await center.open(later, outlet: Sent().outlet()) == nil)
    #expect(await center.wake() == Instant(nanoseconds: 5_000))
    #expect(due.isClosed.withLock { $0 })
    #expect(await center.sessionCount == ControlCenter.maximumSessionCount - 1)
  }
}

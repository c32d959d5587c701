import Control
import Foundation
import Realtime
import Synchronization
import Testing

@testable import Appliance

/// A room with fake devices and meetings, in virtual time, as a control system sees it: commands in, states and feedback
/// out.
final class RoomHarness: Sendable {
  let center: ControlCenter
  let room: RoomController
  let joiner = FakeJoiner()
  let equipment = FakeEquipment()
  private let clock = HarnessClock()
  private let changes = Mutex<[String]>([])

  /// A Monday, 23 November 2026, 13:05 UTC; it stays so.
  static let date = Date(timeIntervalSince1970: 1_795_439_100)

  init(storage: RoomStorage? = nil, settings: [ControlLeaf] = [], invalid: [String] = []) async {
    center = ControlCenter(settings: settings, authenticator: { _, _ in nil })
    let clock = clock
    room = RoomController(
      center: center, storage: storage, joiner: joiner, equipment: equipment, version: "1.2", clock: { clock.now },
      date: { Self.date })
    await center.observe { [weak self] change in self?.note(change) }
    await room.start(invalidSettings: invalid)
  }

  private func note(_ change: ControlChange) {
    changes.withLock { changes in
      if let event = change.event {
        let fields = change.entries.map { $0.leaf.value.text }.joined(separator: " ")
        changes.append("* \(ControlTree.room.nodes[event].path) \(fields)")
      }
      if change.event == nil { changes += change.entries.map { "\($0.leaf.path): \($0.leaf.value.text)" } }
      changes += change.removals.map { "- \($0)" }
    }
  }

  /// What subscribers have heard since this was asked last.
  func heard() -> [String] {
    changes.withLock { changes in
      defer { changes = [] }
      return changes
    }
  }

  /// Does a command as somebody at the panel would: `Audio Volume Set Level: 60` without the colons' space.
  @discardableResult
  func run(_ words: String, _ arguments: [(name: String, value: String)] = []) async throws -> [ControlLeaf] {
    let call = try ControlTree.room.call(words.split(separator: " ").map(String.init), arguments)
    guard case .done(let leaves) = try await center.perform(.run(call), role: .admin) else { return [] }
    return leaves
  }

  func state(_ path: String) async throws -> String? {
    await center.value(.status, try #require(ControlPath(path)))?.text
  }

  func set(_ path: String, _ value: String) async throws {
    _ = try await center.perform(.set(try #require(ControlPath(path)), value), role: .admin)
  }

  /// Lets time pass, with the room's ticks in it.
  func pass(_ duration: Duration) async {
    let end = clock.now + duration
    while clock.now < end {
      clock.set(min(end, clock.now + .seconds(30)))
      await room.tick()
    }
  }

  /// Waits until a state is so; the meeting's news come by another task.
  func reaches(_ path: String, _ value: String?) async throws {
    for _ in 0..<100_000 {
      if try await state(path) == value { return }
      await Task.yield()
    }
    let now = try await state(path)
    Issue.record("\(path) is \(now ?? "nothing"), not \(value ?? "nothing")")
  }

  /// Dials, and is let in.
  func join(_ number: String = "abc-defg-hij") async throws -> FakeMeeting {
    try await run("Dial", [("Number", number)])
    let meeting = try #require(joiner.last)
    meeting.happen(.joined)
    try await reaches("SystemUnit State Room", "InMeeting")
    return meeting
  }
}

/// The time of a test.
final class HarnessClock: Sendable {
  private let time = Mutex(Instant(nanoseconds: 0))
  var now: Instant { time.withLock { $0 } }
  func set(_ now: Instant) { time.withLock { $0 = now } }
}

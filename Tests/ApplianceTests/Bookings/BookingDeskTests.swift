import Control
import Foundation
import RoomCalendar
import Synchronization
import Testing

@testable import Appliance

@Suite("Bookings in the tree")
struct BookingDeskTests {
  private final class Clock: Sendable {
    let now = Mutex(Date(timeIntervalSince1970: 1_795_341_600))
  }

  /// A desk whose date the test sets, as a control system sees it.
  private final class Harness: Sendable {
    let center: ControlCenter
    let desk: BookingDesk
    private let clock = Clock()
    private let events = Mutex<[String]>([])

    init(_ storage: RoomStorage? = nil, english: Bool = false) async throws {
      center = ControlCenter(authenticator: { _, _ in nil })
      let clock = clock
      desk = BookingDesk(center: center, storage: storage, clock: { clock.now.withLock { $0 } })
      await center.observe { [weak self] change in
        guard let self, let event = change.event else { return }
        let fields = change.entries.map { " " + $0.leaf.value.text }.joined()
        events.withLock { $0.append("\(ControlTree.room.nodes[event].path)\(fields)") }
      }
      if english {
        let path = try #require(ControlPath("UserInterface Language"))
        _ = try await center.perform(.set(path, "English"), role: .admin)
      }
      await desk.start()
    }

    func pass(minutes: Double) async {
      clock.now.withLock { $0 += minutes * 60 }
      await desk.tick()
    }

    func heard() -> [String] {
      events.withLock { events in
        defer { events = [] }
        return events
      }
    }

    func put(_ text: String, role: ControlRole = .integrator) async throws {
      let call = try ControlTree.room.call(["Bookings", "Put"], [], body: text)
      _ = try await center.perform(.run(call), role: role)
    }

    func list(_ arguments: [(name: String, value: String)] = []) async throws -> [String: String] {
      let call = try ControlTree.room.call(["Bookings", "List"], arguments)
      guard case .done(let leaves) = try await center.perform(.run(call), role: .user) else { return [:] }
      return Dictionary(uniqueKeysWithValues: leaves.map { ($0.path.description, $0.value.text) })
    }

    func availability() async throws -> String {
      var words: [String] = []
      for path in ["Bookings Availability Status", "Bookings Availability TimeStamp", "Bookings Current Id"] {
        words.append(await center.value(.status, try #require(ControlPath(path)))?.text ?? "-")
      }
      return words.joined(separator: "|")
    }
  }

  /// From 10:30 to 11:00, and a private one from 11:00 to 12:00; the room's time is 10:00 UTC.
  private static let text = """
    {"Bookings": [
      {"Id": "b", "Title": "Secret", "Privacy": "Private", "Organizer": {"Name": "Zoé"}, "Number": "https://visio.example/x",
       "Time": {"StartTime": "2026-11-22T11:00:00Z", "Duration": 60}},
      {"Id": "a", "Title": "Comité\\nde direction", "Organizer": {"Name": "Zoé Martin"}, "Number": "abc-defg-hij",
       "Time": {"StartTime": "2026-11-22T10:30:00Z", "Duration": 30}}]}
    """

  @Test("states and events follow the time")
  func time() async throws {
    let room = try await Harness()
    #expect(try await room.availability() == "Free||")
    try await room.put(Self.text)
    #expect(room.heard() == ["Bookings Updated"])
    #expect(try await room.availability() == "FreeUntil|2026-11-22T10:30:00Z|")
    await room.pass(minutes: 30)
    #expect(room.heard() == ["Bookings Start a"])
    #expect(try await room.availability() == "BookedUntil|2026-11-22T12:00:00Z|a")
    await room.pass(minutes: 30)
    #expect(room.heard() == ["Bookings End a", "Bookings Start b"])
    await room.pass(minutes: 60)
    #expect(room.heard() == ["Bookings End b"])
    #expect(try await room.availability() == "Free||")
    try await room.put(Self.text)
    #expect(room.heard().isEmpty)
  }

  @Test("a list says what there is; of a private meeting only that the room is taken, and how to join")
  func list() async throws {
    let room = try await Harness()
    try await room.put(Self.text)
    let list = try await room.list()
    #expect(list["ResultInfo TotalRows"] == "2")
    #expect(list["Booking 1 Title"] == "Comité de direction" && list["Booking 1 Organizer LastName"] == "Zoé Martin")
    #expect(list["Booking 1 DialInfo Calls Call 1 Number"] == "abc-defg-hij")
    #expect(list["Booking 1 Time StartTime"] == "2026-11-22T10:30:00Z")
    #expect(list["Booking 2 Title"] == "Réservé" && list["Booking 2 Privacy"] == "Private")
    #expect(list["Booking 2 Organizer LastName"] == nil)
    #expect(list["Booking 2 DialInfo Calls Call 1 Number"] == "https://visio.example/x")
    let second = try await room.list([("Offset", "1"), ("Limit", "5")])
    #expect(second["ResultInfo TotalRows"] == "2" && second["Booking 1 Id"] == "b" && second["Booking 2 Id"] == nil)
    #expect(try await room.list([("DayOffset", "1")])["ResultInfo TotalRows"] == "0")
    let english = try await Harness(english: true)
    try await english.put(Self.text)
    #expect(try await english.list()["Booking 2 Title"] == "Reserved")
  }

  @Test("what isn't right is refused whole; a panel may not put bookings")
  func refusals() async throws {
    let room = try await Harness()
    try await room.put(Self.text)
    for (text, reason) in [
      ("[]", "Not the JSON of bookings"), (#"{"Bookings":[{"Id":"1"}]}"#, "Missing or wrong: Bookings/0/Time"),
      (#"{"Bookings":[{"Id":"1","Time":{"StartTime":"x"}}]}"#, "Wrong time of booking 1"),
    ] {
      await #expect(throws: ControlError.failed(reason: reason)) { try await room.put(text) }
    }
    await #expect(throws: ControlError.forbidden) { try await room.put(#"{"Bookings":[]}"#, role: .user) }
    #expect(try await room.list()["ResultInfo TotalRows"] == "2")
    try await room.put(#"{"Bookings":[]}"#)
    #expect(try await room.list() == ["ResultInfo TotalRows": "0"])
  }

  @Test("bookings are there again after a restart")
  func restart() async throws {
    let directory = try TemporaryDirectory()
    do {
      let room = try await Harness(try RoomStorage(path: directory.file("room.db")))
      try await room.put(Self.text)
    }
    let room = try await Harness(try RoomStorage(path: directory.file("room.db")))
    #expect(try await room.list()["Booking 2 Id"] == "b")
    #expect(try await room.availability() == "FreeUntil|2026-11-22T10:30:00Z|")
  }
}

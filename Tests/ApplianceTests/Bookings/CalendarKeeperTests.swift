import Control
import Foundation
import HTTPExchange
import Realtime
import RoomCalendar
import Synchronization
import Testing
import Visio

@testable import Appliance

@Suite("The room's calendar")
struct CalendarKeeperTests {
  /// A server that answers what the test says.
  private final class Server: HTTPTransport {
    private let state = Mutex(
      (answer: Result<HTTPResponse, HTTPTransportError>.failure(.unreachable), requests: [HTTPRequest]()))

    func answer(_ status: Int, _ body: String = "", tag: String? = nil) {
      let headers = tag.map { [HTTPField("ETag", $0)] } ?? []
      state.withLock { $0.answer = .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8))) }
    }

    func fail(_ error: HTTPTransportError) { state.withLock { $0.answer = .failure(error) } }

    /// What it was asked since this was called last.
    func requests() -> [HTTPRequest] {
      state.withLock { state in
        defer { state.requests = [] }
        return state.requests
      }
    }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
      try state.withLock { state in
        state.requests.append(request)
        return state.answer
      }.get()
    }
  }

  private let server = Server()
  private let clock = AccountTests.Clock()
  private let center = ControlCenter(authenticator: { _, _ in nil })
  private let desk: BookingDesk
  private let directory: TemporaryDirectory
  private let storage: RoomStorage

  init() throws {
    directory = try TemporaryDirectory()
    storage = try RoomStorage(path: directory.file("room.sqlite"))
    desk = BookingDesk(center: center, storage: nil, clock: { RoomHarness.date })
  }

  private func keeper(_ storage: RoomStorage? = nil) async -> CalendarKeeper {
    let clock = clock
    await desk.start()
    let keeper = CalendarKeeper(
      center: center, desk: desk, storage: storage, transport: server, instance: nil, clock: { clock.now },
      date: { RoomHarness.date })
    await keeper.start()
    return keeper
  }

  private func set(_ path: String, _ value: String) async throws {
    _ = try await center.perform(.set(try #require(ControlPath(path)), value), role: .admin)
  }

  private func state(_ word: String) async throws -> String? {
    await center.value(.status, try #require(ControlPath("Bookings Calendar \(word)")))?.text
  }

  private static func file(_ title: String) -> String {
    """
    BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261123T140000Z\r\nDTEND:20261123T150000Z\r\n\
    SUMMARY:\(title)\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n
    """
  }

  @Test("is asked when it is set, and again after a while, with the tag it had")
  func asking() async throws {
    let keeper = await keeper()
    #expect(server.requests().isEmpty)
    #expect(try await state("Status") == "Off")
    server.answer(200, Self.file("Point"), tag: "\"1\"")
    try await set("Bookings Calendar Url", "https://cal.example/rivoli.ics")
    await keeper.tick()
    #expect(server.requests().map(\.url) == ["https://cal.example/rivoli.ics"])
    #expect(try await state("Status") == "OK")
    #expect(try await state("LastUpdate") == "2026-11-23T13:05:00Z")
    #expect(await desk.bookings.bookings.map(\.title) == ["Point"])
    clock.pass(.seconds(119))
    await keeper.tick()
    #expect(server.requests().isEmpty)
    server.answer(304)
    clock.pass(.seconds(1))
    await keeper.tick()
    #expect(server.requests().map { $0.header("If-None-Match") } == ["\"1\""])
    #expect(await desk.bookings.bookings.map(\.title) == ["Point"])
    // Another calendar has other tags.
    server.answer(200, Self.file("Autre"))
    try await set("Bookings Calendar Url", "https://cal.example/bercy.ics")
    await keeper.tick()
    #expect(server.requests().map { $0.header("If-None-Match") } == [nil])
    #expect(await desk.bookings.bookings.map(\.title) == ["Autre"])
  }

  @Test("what goes wrong is told, the bookings stay, and it is tried again soon")
  func failures() async throws {
    let keeper = await keeper()
    server.answer(200, Self.file("Point"))
    try await set("Bookings Calendar Url", "https://cal.example/rivoli.ics")
    await keeper.tick()
    clock.pass(.seconds(120))
    _ = server.requests()
    let failures: [(String, () -> Void)] = [
      ("Unreachable", { server.fail(.nameNotResolved) }), ("Unreachable", { server.fail(.timedOut) }),
      ("Unreachable", { server.answer(503) }), ("Refused", { server.fail(.untrustedCertificate) }),
      ("Refused", { server.answer(401) }), ("NotFound", { server.answer(404) }), ("NotFound", { server.answer(302) }),
      ("Unreadable", { server.answer(200, "<html>") }), ("Unreadable", { server.fail(.responseTooLong) }),
      ("Unreadable", { server.answer(200, "") }),
    ]
    for (word, fail) in failures {
      fail()
      await keeper.tick()
      #expect(server.requests().count == 1)
      #expect(try await state("Status") == word)
      #expect(await desk.bookings.bookings.map(\.title) == ["Point"])
      #expect(await desk.calendarLostSince == RoomHarness.date)
      clock.pass(.seconds(30))
    }
    server.answer(200, Self.file("Point"))
    await keeper.tick()
    #expect(try await state("Status") == "OK")
    #expect(await desk.calendarLostSince == nil)
    try await set("Bookings Calendar Url", "nonsense")
    await keeper.tick()
    #expect(try await state("Status") == "InvalidUrl")
    try await set("Bookings Calendar Url", "")
    await keeper.tick()
    #expect(try await state("Status") == "Off")
  }

  @Test("bookings that are put give way to a calendar")
  func putting() async throws {
    let keeper = await keeper()
    let put = try ControlTree.room.call(["Bookings", "Put"], [], body: #"{"Bookings":[]}"#)
    _ = try await center.perform(.run(put), role: .integrator)
    server.answer(200, Self.file("Point"))
    try await set("Bookings Calendar Url", "https://cal.example/rivoli.ics")
    await keeper.tick()
    await #expect(throws: ControlError.failed(reason: "The bookings are those of the room's calendar")) {
      _ = try await center.perform(.run(put), role: .integrator)
    }
    #expect(await desk.bookings.bookings.map(\.title) == ["Point"])
  }

  @Test("the password is kept, shown to the calendar alone, and forgotten")
  func password() async throws {
    func setPassword(_ text: String) async throws {
      let call = try ControlTree.room.call(
        ["Bookings", "Calendar", "SetPassword"], [(name: "Password", value: text)])
      _ = try await center.perform(.run(call), role: .admin)
    }
    var keeper = await keeper(storage)
    try await set("Bookings Calendar UserName", "rivoli")
    try await set("Bookings Calendar Url", "https://cal.example/rivoli.ics")
    try await setPassword("péage")
    keeper = await self.keeper(storage)
    #expect(server.requests().last?.header("Authorization") == "Basic cml2b2xpOnDDqWFnZQ==")
    let all = try #require(ControlQuery(.configuration, []))
    guard case .values(let settings) = try await center.perform(.get(all), role: .admin) else { return }
    #expect(!settings.contains { $0.value.text.contains("péage") })
    try await setPassword("")
    try await set("Bookings Calendar UserName", "")
    await keeper.tick()
    #expect(server.requests().last?.header("Authorization") == nil)
    #expect(try storage.secret("Bookings Calendar Password") == nil)
  }

  @Test("a meeting's link or code is found in what people write")
  func addresses() throws {
    let instance = try #require(VisioInstance("https://visio.example.fr"))
    let found = { MeetingAddress.find(in: $0, instance: instance) }
    #expect(found("Rejoindre : https://visio.example.fr/abc-defg-hij.") == "https://visio.example.fr/abc-defg-hij")
    #expect(found("<https://visio.autre.fr/abc-defg-hij?x=1>") == "https://visio.autre.fr/abc-defg-hij")
    #expect(found("https://visio.example.fr/comite") == "https://visio.example.fr/comite")
    #expect(found("https://example.org/agenda") == nil)
    #expect(found("Salle 3, code abc-defg-hij (visio)") == "abc-defg-hij")
    #expect(MeetingAddress.find(in: "code abc-defg-hij", instance: nil) == nil)
    // The link counts before the code.
    #expect(found("abc-defg-hij https://visio.autre.fr/xyz-xyzx-xyz") == "https://visio.autre.fr/xyz-xyzx-xyz")
    #expect(found("") == nil && found("https://") == nil && found("///") == nil)
  }
}

import Appliance
import Control
import Foundation
import HTTPExchange
import Realtime
import RoomCalendar
import Synchronization
import Testing
import Visio

/// The room's calendar from a server that nobody here wrote.
@Suite("A CalDAV server")
struct CalendarServerTests {
  private struct Request: Encodable {
    var method: String
    var path = "/"
    var body: String?
  }

  private static func calendar(_ event: String) -> String {
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nBEGIN:VEVENT\r\n" + event
      + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
  }

  private static func time(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
  }

  @Test(
    "Radicale's collection becomes the room's bookings; changes, a wrong password and a server that is gone are seen")
  func radicale() async throws {
    let server = try PeerProcess("calendar_server.py", [])
    let port = try await server.next(Int.self)
    func ask(_ request: Request) async throws -> Int {
      try server.send(request)
      return try await server.next(Int.self)
    }
    #expect(try await ask(Request(method: "MKCALENDAR", path: "/rivoli/room/")) == 201)
    let now = Date()
    let event = """
      UID:1\r\nDTSTAMP:\(Self.time(now))\r\nDTSTART:\(Self.time(now - 600))\r\nDTEND:\(Self.time(now + 600))\r\n\
      SUMMARY:Comité\\, budget\r\nLOCATION:https://visio.numerique.gouv.fr/abc-defg-hij
      """
    #expect(try await ask(Request(method: "PUT", path: "/rivoli/room/1.ics", body: Self.calendar(event))) == 201)

    let center = ControlCenter(authenticator: { _, _ in nil })
    let desk = BookingDesk(center: center, storage: nil)
    await desk.start()
    let clock = Mutex(Instant(nanoseconds: 0))
    let transport = AsyncHTTPTransport()
    let keeper = CalendarKeeper(
      center: center, desk: desk, storage: nil, transport: transport, instance: nil, clock: { clock.withLock { $0 } })
    await keeper.start()
    func set(_ path: String, _ value: String) async throws {
      _ = try await center.perform(.set(try #require(ControlPath(path)), value), role: .admin)
    }
    /// Lets the next question be due, and gives the state after it.
    func status() async throws -> String? {
      clock.withLock { $0 = $0 + .seconds(130) }
      await keeper.tick()
      return await center.value(.status, try #require(ControlPath("Bookings Calendar Status")))?.text
    }

    #expect(try await status() == "Off")
    try await set("Bookings Calendar UserName", "rivoli")
    try await set("Bookings Calendar Url", "http://127.0.0.1:\(port)/rivoli/room/")
    #expect(try await status() == "Refused")
    let password = try ControlTree.room.call(
      ["Bookings", "Calendar", "SetPassword"], [(name: "Password", value: "s€cret")])
    _ = try await center.perform(.run(password), role: .admin)
    #expect(try await status() == "OK")
    var bookings = await desk.bookings.bookings
    #expect(bookings.map(\.title) == ["Comité, budget"])
    #expect(bookings.first?.address == "https://visio.numerique.gouv.fr/abc-defg-hij")

    #expect(try await ask(Request(method: "DELETE", path: "/rivoli/room/1.ics")) == 200)
    #expect(try await status() == "OK")
    #expect(await desk.bookings.bookings.isEmpty)
    let tomorrow = event.replacing("UID:1", with: "UID:2").replacing("SUMMARY:", with: "CLASS:PRIVATE\r\nSUMMARY:")
    #expect(try await ask(Request(method: "PUT", path: "/rivoli/room/2.ics", body: Self.calendar(tomorrow))) == 201)
    #expect(try await status() == "OK")
    #expect(try await ask(Request(method: "STOP")) == 0)
    #expect(try await status() == "Unreachable")
    // What was known stays, and since when it may be old is known.
    bookings = await desk.bookings.bookings
    #expect(bookings.map(\.isPrivate) == [true])
    #expect(await desk.calendarLostSince != nil)
    #expect(try await ask(Request(method: "GET", path: "/rivoli/room/2.ics")) == 200)
    #expect(try await status() == "OK")
    #expect(await desk.calendarLostSince == nil)
    await transport.shutdown()
  }
}

import Foundation
import Testing

@testable import RoomCalendar

@Suite("Exchanges with a calendar's server")
struct CalendarExchangeTests {
  private static let range = DateInterval(start: Date(timeIntervalSince1970: 1_795_305_600), duration: 86_400)
  private static let credentials = CalendarAddress.Credentials(name: "salle", password: "péage")

  private func exchange(_ address: String, _ credentials: CalendarAddress.Credentials? = nil) throws -> CalendarExchange
  {
    CalendarExchange(try #require(CalendarAddress(address, credentials: credentials)))
  }

  @Test("addresses of files and of collections")
  func addresses() throws {
    #expect(CalendarAddress("https://cal.example/rivoli.ics")?.kind == .file)
    #expect(CalendarAddress("https://cal.example/rivoli.ICS?token=1")?.kind == .file)
    #expect(CalendarAddress("webcal://cal.example/rivoli")?.url == "https://cal.example/rivoli")
    #expect(CalendarAddress("webcal://cal.example/rivoli")?.kind == .file)
    #expect(CalendarAddress("https://cal.example/dav/rivoli/")?.kind == .collection)
    for text in ["", "rivoli", "ftp://cal.example/", "https://", "https://a:b@cal.example/", "file:///etc/passwd"] {
      #expect(CalendarAddress(text) == nil, "\(text)")
    }
    // A password isn't sent for all to read.
    #expect(CalendarAddress("http://cal.example/", credentials: Self.credentials) == nil)
    #expect(CalendarAddress("http://localhost:5232/", credentials: Self.credentials) != nil)
    #expect(CalendarAddress("http://cal.example/") != nil)
  }

  @Test("a file is asked for with the tag it had")
  func file() throws {
    let exchange = try exchange("https://cal.example/rivoli.ics", Self.credentials)
    let request = exchange.request(Self.range, tag: "\"1\"")
    #expect(request.method == "GET" && request.body.isEmpty)
    #expect(request.headers.first { $0.name == "If-None-Match" }?.value == "\"1\"")
    #expect(request.headers.first { $0.name == "Authorization" }?.value == "Basic c2FsbGU6cMOpYWdl")
    #expect(try exchange.answer(status: 304, headers: [], body: []) == .unchanged)
    #expect(
      try exchange.answer(status: 200, headers: [("Etag", "\"2\"")], body: [65]) == .calendars([65], tag: "\"2\""))
  }

  @Test("a collection is asked for a span of time (RFC 4791, section 7.8.1)")
  func collection() throws {
    let exchange = try exchange("https://cal.example/dav/rivoli/")
    let request = exchange.request(Self.range, tag: nil)
    #expect(request.method == "REPORT" && request.headers.contains { $0 == ("Depth", "1") })
    #expect(request.body.contains(#"<C:time-range start="20261122T000000Z" end="20261123T000000Z"/>"#))
    let body = """
      <?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response>\
      <href>/1.ics</href><propstat><prop><C:calendar-data>BEGIN:VCALENDAR&#13;
      SUMMARY:a &amp; b&#13;
      END:VCALENDAR</C:calendar-data></prop></propstat></response><response><propstat><prop>\
      <C:calendar-data><![CDATA[BEGIN:VCALENDAR]]></C:calendar-data></prop></propstat></response></multistatus>
      """
    guard case .calendars(let bytes, nil) = try exchange.answer(status: 207, headers: [], body: Array(body.utf8)) else {
      Issue.record("no calendars")
      return
    }
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "BEGIN:VCALENDAR\r\nSUMMARY:a & b\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\n")
  }

  @Test("an answer without events is a calendar without events")
  func empty() throws {
    let exchange = try exchange("https://cal.example/dav/rivoli/")
    let body = #"<D:multistatus xmlns:D="DAV:"/>"#
    guard case .calendars(let bytes, _) = try exchange.answer(status: 207, headers: [], body: Array(body.utf8)) else {
      Issue.record("no calendars")
      return
    }
    let reader = try ICalendarReader(range: Self.range, timeZone: "Europe/Paris", findAddress: { _ in nil })
    #expect(try reader.bookings(in: bytes).isEmpty)
  }

  @Test(
    "what goes wrong is told apart",
    arguments: [
      (401, "", .notAllowed), (403, "", .notAllowed), (404, "", .notFound), (405, "", .notFound), (302, "", .moved),
      (500, "", .server(500)), (429, "", .server(429)), (200, "<html/>", .unreadable), (207, "", .unreadable),
      (207, "<html/>", .unreadable), (207, #"<D:multistatus xmlns:D="DAV:">"#, .unreadable),
    ] as [(Int, String, CalendarExchange.Failure)])
  func failures(status: Int, body: String, failure: CalendarExchange.Failure) throws {
    let exchange = try exchange("https://cal.example/dav/rivoli/")
    #expect(throws: failure) { try exchange.answer(status: status, headers: [], body: Array(body.utf8)) }
  }

  @Test("XML made to be large or deep ends soon")
  func bombs() throws {
    let exchange = try exchange("https://cal.example/dav/rivoli/")
    let entities = (1...30).map { "<!ENTITY a\($0) \"&a\($0 - 1);&a\($0 - 1);&a\($0 - 1);&a\($0 - 1);\">" }.joined()
    let laughs = #"<!DOCTYPE x [<!ENTITY a0 "ha">\#(entities)]><D:multistatus xmlns:D="DAV:">&a30;</D:multistatus>"#
    let deep = String(repeating: "<D:multistatus xmlns:D=\"DAV:\">", count: 5_000)
    for text in [laughs, deep] {
      #expect(throws: CalendarExchange.Failure.unreadable) {
        try exchange.answer(status: 207, headers: [], body: Array(text.utf8))
      }
    }
  }
}

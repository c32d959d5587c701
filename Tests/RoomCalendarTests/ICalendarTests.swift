import Foundation
import Testing

@testable import RoomCalendar

/// Dates of series are those of the examples of RFC 5545, section 3.8.5.3, whose zone is New York.
@Suite("Calendars")
struct ICalendarTests {
  private static func reader(
    _ from: String, _ to: String, zone: String = "America/New_York"
  ) throws -> ICalendarReader {
    try ICalendarReader(range: DateInterval(start: date(from), end: date(to)), timeZone: zone) { text in
      text.firstMatch(of: #/visio\.example\/[a-z-]+/#).map { String($0.output) }
    }
  }

  private static func date(_ text: String) throws -> Date {
    try Date(text.contains("T") ? text : text + "T00:00:00Z", strategy: .iso8601)
  }

  private static func calendar(_ events: String...) -> [UInt8] {
    let body = events.map { "BEGIN:VEVENT\r\n\($0.split(separator: "\n").joined(separator: "\r\n"))\r\nEND:VEVENT\r\n" }
    return Array("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n\(body.joined())END:VCALENDAR\r\n".utf8)
  }

  /// Days on which a series has a meeting, `MM-dd` in New York.
  private static func days(_ rule: String, start: String = "19970902", from: String, to: String) throws -> [String] {
    let event = """
      UID:1
      DTSTART;TZID=America/New_York:\(start)T090000
      DURATION:PT1H
      \(rule)
      """
    let bookings = try reader(from, to).bookings(in: calendar(event))
    let style = Date.VerbatimFormatStyle(
      format:
        "\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))",
      timeZone: try #require(TimeZone(identifier: "America/New_York")), calendar: .init(identifier: .gregorian))
    return bookings.map { booking in
      let text = booking.start.formatted(style)
      // Nine in the morning by the clock, summer and winter.
      return text.hasSuffix(" 09") ? String(text.dropLast(3)) : text
    }
  }

  @Test(
    "series are those of RFC 5545",
    arguments: [
      (
        "RRULE:FREQ=DAILY;COUNT=10", "19970902",
        ["09-02", "09-03", "09-04", "09-05", "09-06", "09-07", "09-08", "09-09", "09-10", "09-11"]
      ),
      ("RRULE:FREQ=DAILY;INTERVAL=10;COUNT=5", "19970902", ["09-02", "09-12", "09-22", "10-02", "10-12"]),
      (
        "RRULE:FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "19970902",
        ["09-02", "09-04", "09-09", "09-11", "09-16", "09-18", "09-23", "09-25", "09-30", "10-02"]
      ),
      (
        "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "19970902",
        ["09-02", "09-04", "09-16", "09-18", "09-30", "10-02", "10-14", "10-16"]
      ),
      ("RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=1FR", "19970905", ["09-05", "10-03", "11-07"]),
      ("RRULE:FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "19970905", ["09-05", "10-03", "11-07", "12-05"]),
      ("RRULE:FREQ=MONTHLY;BYMONTHDAY=-3;UNTIL=19971231T000000Z", "19970928", ["09-28", "10-29", "11-28", "12-29"]),
      ("RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "19970904", ["09-04", "10-07", "11-06"]),
      ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=America/New_York:19970903T090000", "19970902", ["09-02", "09-04"]),
      ("RDATE;TZID=America/New_York:19970910T090000,19970912T090000", "19970902", ["09-02", "09-10", "09-12"]),
    ])
  func series(rule: String, start: String, days: [String]) throws {
    #expect(try Self.days(rule, start: start, from: "1997-01-01", to: "1998-01-01") == days)
  }

  @Test("a long series is read only where it matters; a meeting that has begun counts")
  func window() throws {
    #expect(try Self.days("RRULE:FREQ=DAILY", from: "2026-11-22", to: "2026-11-24") == ["11-22", "11-23"])
    #expect(
      try Self.days("RRULE:FREQ=DAILY", from: "2026-11-22T14:30:00Z", to: "2026-11-23T13:00:00Z") == ["11-22"])
    #expect(
      try Self.days("RRULE:FREQ=DAILY", from: "2026-11-22T15:00:00Z", to: "2026-11-23T14:00:00Z").isEmpty)
  }

  @Test("one meeting of a series is moved, another cancelled")
  func exceptions() throws {
    let series = """
      UID:weekly
      SUMMARY:Point\\, hebdomadaire
      DTSTART;TZID=Europe/Paris:20261102T100000
      DTEND;TZID=Europe/Paris:20261102T110000
      RRULE:FREQ=WEEKLY
      """
    let moved = """
      UID:weekly
      RECURRENCE-ID;TZID=Europe/Paris:20261109T100000
      SUMMARY:Déplacé
      DTSTART;TZID=Europe/Paris:20261110T140000
      DTEND;TZID=Europe/Paris:20261110T150000
      """
    let cancelled = """
      UID:weekly
      RECURRENCE-ID:20261116T090000Z
      STATUS:CANCELLED
      DTSTART;TZID=Europe/Paris:20261116T100000
      DURATION:PT1H
      """
    let bookings = try Self.reader("2026-11-01", "2026-11-25", zone: "Europe/Paris")
      .bookings(in: Self.calendar(moved, cancelled, series))
    #expect(bookings.map(\.title) == ["Point, hebdomadaire", "Déplacé", "Point, hebdomadaire"])
    #expect(
      bookings.map { $0.start.formatted(.iso8601) } == [
        "2026-11-02T09:00:00Z", "2026-11-10T13:00:00Z", "2026-11-23T09:00:00Z",
      ])
    #expect(Set(bookings.map(\.identity)).count == 3)
  }

  @Test("times without a zone, whole days, durations")
  func times() throws {
    func spans(_ event: String) throws -> [String] {
      try Self.reader("2026-01-01", "2027-01-01", zone: "Europe/Paris").bookings(in: Self.calendar(event)).map {
        "\($0.start.formatted(.iso8601)) \(Int($0.end.timeIntervalSince($0.start)))"
      }
    }
    #expect(try spans("UID:1\nDTSTART:20260701T100000\nDURATION:PT90M") == ["2026-07-01T08:00:00Z 5400"])
    #expect(try spans("UID:1\nDTSTART;VALUE=DATE:20260701") == ["2026-06-30T22:00:00Z 86400"])
    #expect(try spans("UID:1\nDTSTART:20260701T100000Z\nDTEND:20260701T093000Z") == ["2026-07-01T10:00:00Z 0"])
    #expect(try spans("UID:1\nDTSTART;TZID=Nowhere/City:20260701T100000") == ["2026-07-01T08:00:00Z 0"])
    #expect(try spans("UID:1\nSUMMARY:no time").isEmpty)
    // The night in which the clocks go back.
    #expect(
      try spans("UID:1\nDTSTART;TZID=Europe/Paris:20261025T013000\nDTEND;TZID=Europe/Paris:20261025T040000")
        == ["2026-10-24T23:30:00Z 12600"])
  }

  @Test("a zone that the calendar declares itself")
  func declaredZone() throws {
    let zone = """
      BEGIN:VTIMEZONE
      TZID:Romance Standard Time
      BEGIN:STANDARD
      DTSTART:16010101T030000
      TZOFFSETFROM:+0200
      TZOFFSETTO:+0100
      RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
      END:STANDARD
      BEGIN:DAYLIGHT
      DTSTART:16010101T020000
      TZOFFSETFROM:+0100
      TZOFFSETTO:+0200
      RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
      END:DAYLIGHT
      END:VTIMEZONE

      """
    let text = String(
      decoding: Self.calendar("UID:1\nDTSTART;TZID=Romance Standard Time:20260701T100000\nDURATION:PT1H"), as: UTF8.self
    ).replacing("BEGIN:VEVENT", with: zone.replacing("\n", with: "\r\n") + "BEGIN:VEVENT")
    let bookings = try Self.reader("2026-01-01", "2027-01-01").bookings(in: Array(text.utf8))
    #expect(bookings.map { $0.start.formatted(.iso8601) } == ["2026-07-01T08:00:00Z"])
  }

  @Test("the link is found wherever it stands, the organiser's own field first")
  func links() throws {
    func address(_ lines: String) throws -> String? {
      let event = "UID:1\nDTSTART:20260701T100000Z\nDURATION:PT1H\n\(lines)"
      return try Self.reader("2026-01-01", "2027-01-01").bookings(in: Self.calendar(event)).first?.address
    }
    #expect(
      try address("DESCRIPTION:Bonjour\\,\\nhttps://visio.example/abc-defg-hij\\nà demain")
        == "visio.example/abc-defg-hij")
    #expect(try address("LOCATION:https://visio.example/abc") == "visio.example/abc")
    #expect(try address("URL:https://visio.example/abc") == "visio.example/abc")
    #expect(try address("X-VISIO:https://visio.example/abc") == "visio.example/abc")
    #expect(
      try address(
        "DESCRIPTION:visio.example/other\nCONFERENCE;VALUE=URI;FEATURE=VIDEO:https://visio.example/right")
        == "visio.example/right")
    #expect(try address("LOCATION:Salle Rivoli") == nil)
  }

  @Test("who invited, and what is private")
  func people() throws {
    func booking(_ lines: String) throws -> Booking? {
      let event = "UID:1\nDTSTART:20260701T100000Z\nDURATION:PT1H\nSUMMARY:Budget\n\(lines)"
      return try Self.reader("2026-01-01", "2027-01-01").bookings(in: Self.calendar(event)).first
    }
    #expect(try booking("ORGANIZER;CN=Zoé Martin:mailto:zoe@example.fr")?.organizer == "Zoé Martin")
    #expect(try booking("ORGANIZER:MAILTO:zoe@example.fr")?.organizer == "zoe@example.fr")
    #expect(try booking("CLASS:PRIVATE")?.isPrivate == true)
    #expect(try booking("CLASS:CONFIDENTIAL")?.isPrivate == true)
    #expect(try booking("CLASS:X-SECRET")?.isPrivate == true)
    #expect(try booking("CLASS:PUBLIC")?.isPrivate == false)
    #expect(try booking("TRANSP:OPAQUE")?.isPrivate == false)
  }

  @Test("what isn't a calendar is said to be none")
  func errors() throws {
    let reader = try Self.reader("2026-01-01", "2027-01-01")
    for text in ["", "hello", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "BEGIN:VCALENDAR\0"] {
      #expect(throws: CalendarError.notACalendar) { try reader.bookings(in: Array(text.utf8)) }
    }
    #expect(throws: CalendarError.tooLong) {
      try reader.bookings(in: [UInt8](repeating: 32, count: ICalendarReader.maximumLength + 1))
    }
    #expect(throws: CalendarError.unknownTimeZone("Nowhere")) {
      try Self.reader("2026-01-01", "2027-01-01", zone: "Nowhere")
    }
    #expect(try reader.bookings(in: Self.calendar()).isEmpty)
  }

  @Test(
    "rules made to be slow end",
    arguments: [
      "FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYSECOND=0,1,2,3,4,5",
      "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=0", "FREQ=YEARLY;BYYEARDAY=366;INTERVAL=3",
    ])
  func slowRules(rule: String) throws {
    let days = try Self.days("RRULE:\(rule)", start: "19700101", from: "2026-11-22", to: "2026-11-23")
    #expect(days.count <= 9 * 10 * 6)
  }

  @Test("calendars with errors anywhere harm nothing", arguments: 1...4)
  func garbage(seed: UInt64) throws {
    var state = seed
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    let good = Self.calendar(
      "UID:1\nDTSTART;TZID=Europe/Paris:20261102T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=30",
      "UID:1\nRECURRENCE-ID:20261109T090000Z\nDTSTART:20261109T100000Z\nDTEND:20261109T110000Z\nCLASS:PRIVATE")
    let reader = try Self.reader("2026-11-01", "2026-12-01", zone: "Europe/Paris")
    for _ in 0..<400 {
      var text = good
      for _ in 0...random(6) { text[random(text.count)] = UInt8(random(255) + 1) }
      if random(4) == 0 { text.removeSubrange(random(text.count)...) }
      guard let bookings = try? reader.bookings(in: text) else { continue }
      for booking in bookings {
        #expect(booking.start < reader.range.end && booking.end >= reader.range.start && booking.end >= booking.start)
      }
    }
  }
}

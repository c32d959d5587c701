import RoomCalendar
import Foundation

extension FuzzTarget {
  /// Calendars of RFC 5545, as a server or a file at an address sends them.
  static let calendar = FuzzTarget(name: "calendar") { bytes in
    let range = DateInterval(start: Date(timeIntervalSince1970: 1_795_000_000), duration: 30 * 86_400)
    guard let reader = try? ICalendarReader(range: range, timeZone: "Europe/Paris", findAddress: { $0 }),
      let bookings = try? reader.bookings(in: Array(bytes))
    else { return }
    for booking in bookings {
      require(booking.start <= booking.end && booking.start < range.end && booking.end >= range.start, "\(booking)")
    }
  } seeds: {
    let times = "DTSTART;TZID=Europe/Paris:20261116T100000\r\nDTEND;TZID=Europe/Paris:20261116T110000\r\n"
    return [
      "UID:1\r\nSUMMARY:Point\\, hebdomadaire\r\n\(times)RRULE:FREQ=WEEKLY;BYDAY=MO,-1TU;COUNT=30;WKST=SU\r\n"
        + "EXDATE;TZID=Europe/Paris:20261123T100000\r\nRDATE;VALUE=PERIOD:20261124T090000Z/PT1H\r\n",
      "UID:1\r\nRECURRENCE-ID:20261123T090000Z\r\nSTATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20261123\r\n",
      "UID:2\r\nORGANIZER;CN=\"Zoé\":mailto:z@example.fr\r\nCLASS:PRIVATE\r\n\(times)DURATION:P1DT2H\r\n"
        + "CONFERENCE;VALUE=URI:https://visio.example/a\r\nDESCRIPTION:x\\n\r\n y\r\nRRULE:FREQ=YEARLY;BYMONTH=2;"
        + "BYMONTHDAY=-1;BYSETPOS=1\r\n",
    ].map { Array("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n\($0)END:VEVENT\r\nEND:VCALENDAR\r\n".utf8) }
  }
}

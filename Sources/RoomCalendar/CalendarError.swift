/// Why a calendar couldn't be read. What was known before stays valid.
public enum CalendarError: Error, Hashable, Sendable {
  /// It is longer than `ICalendarReader.maximumLength`.
  case tooLong
  /// It isn't a calendar (RFC 5545).
  case notACalendar
  /// There is no such time zone on this machine.
  case unknownTimeZone(String)
}

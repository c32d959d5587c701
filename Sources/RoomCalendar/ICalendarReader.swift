import CICal
import Foundation

/// Reads a room's meetings from calendars in the form of RFC 5545, recurrence, exceptions and time zones included.
///
/// Meetings of a series that was changed for one day (`RECURRENCE-ID`) count as changed; cancelled ones aren't there. A
/// change "this and future" is one of that day only.
public struct ICalendarReader: Sendable {
  /// The longest calendar that is read, bytes.
  public static let maximumLength = 16 * 1_048_576
  /// How many occurrences of a series are looked at; a daily one of a century has fewer.
  static let maximumOccurrenceCount = 40_000

  /// The time that is of interest.
  public let range: DateInterval
  /// Finds a Visio code or link in a text; nil when there is none.
  public let findAddress: @Sendable (String) -> String?
  private let timeZoneName: String

  /// A reader of what happens in `range`.
  /// - Parameters:
  ///   - timeZone: the room's, such as `Europe/Paris`, for times without one.
  /// - Throws: `unknownTimeZone`.
  public init(
    range: DateInterval, timeZone: String, findAddress: @escaping @Sendable (String) -> String?
  ) throws(CalendarError) {
    guard icaltimezone_get_builtin_timezone(timeZone) != nil else { throw .unknownTimeZone(timeZone) }
    self.range = range
    self.findAddress = findAddress
    timeZoneName = timeZone
  }

  /// The meetings that a calendar has in `range`, the earliest first. What can't be read of one leaves the others alone.
  public func bookings(in text: [UInt8]) throws(CalendarError) -> [Booking] {
    guard text.count <= Self.maximumLength else { throw .tooLong }
    icalerror_set_errors_are_fatal(0)
    // The library reads up to the first zero.
    guard !text.contains(0), let zone = icaltimezone_get_builtin_timezone(timeZoneName) else { throw .notACalendar }
    let root = text.withUnsafeBytes { bytes -> OpaquePointer? in
      let terminated = bytes.map(CChar.init(bitPattern:)) + [0]
      return terminated.withUnsafeBufferPointer { icalparser_parse_string($0.baseAddress) }
    }
    guard let root else { throw .notACalendar }
    defer { icalcomponent_free(root) }
    let calendars = Self.calendars(in: root)
    guard !calendars.isEmpty else { throw .notACalendar }
    var bookings: [Booking] = []
    for calendar in calendars {
      let events = Self.components(of: calendar, ICAL_VEVENT_COMPONENT).map { CalendarEvent($0, roomZone: zone) }
      // By series: the days on which one was changed.
      let changed = Dictionary(grouping: events.filter { $0.recurrence != nil }, by: \.identity).mapValues { events in
        Set(events.compactMap(\.recurrence))
      }
      for event in events where !event.isCancelled {
        bookings += self.bookings(of: event, changed: changed[event.identity] ?? [])
      }
    }
    return bookings.sorted { ($0.start, $0.identity) < ($1.start, $1.identity) }
  }

  private func bookings(of event: CalendarEvent, changed: Set<Int>) -> [Booking] {
    guard let duration = event.duration else { return [] }
    let (first, last) = (Int(range.start.timeIntervalSince1970), Int(range.end.timeIntervalSince1970))
    let starts: Set<Int>
    if event.recurrence != nil {
      starts = event.start.map { [$0] } ?? []
    } else {
      starts = event.starts(from: first - duration, to: last).subtracting(changed)
    }
    let coming = starts.filter { $0 < last && $0 + max(duration, 1) > first }
    guard !coming.isEmpty else { return [] }
    let address = event.addressTexts.lazy.compactMap(findAddress).first
    return coming.map { start in
      Booking(
        identity: "\(event.identity)/\(event.recurrence ?? start)", title: event.title, organizer: event.organizer,
        start: Date(timeIntervalSince1970: Double(start)), end: Date(timeIntervalSince1970: Double(start + duration)),
        isPrivate: event.isPrivate, address: address)
    }
  }

  /// A text may hold several calendars one after the other.
  private static func calendars(in root: OpaquePointer) -> [OpaquePointer] {
    switch icalcomponent_isa(root) {
    case ICAL_VCALENDAR_COMPONENT: [root]
    case ICAL_XROOT_COMPONENT: components(of: root, ICAL_VCALENDAR_COMPONENT)
    default: []
    }
  }

  private static func components(of parent: OpaquePointer, _ kind: icalcomponent_kind) -> [OpaquePointer] {
    var result: [OpaquePointer] = []
    var next = icalcomponent_get_first_component(parent, kind)
    while let component = next {
      result.append(component)
      next = icalcomponent_get_next_component(parent, kind)
    }
    return result
  }
}

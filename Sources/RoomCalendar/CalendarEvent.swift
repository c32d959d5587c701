import CICal

/// An event of a calendar (RFC 5545, section 3.6.1), as long as the calendar that it is in is held. Times are seconds since
/// 1970, UTC.
struct CalendarEvent {
  private static let day = 86_400

  private let component: OpaquePointer
  private let roomZone: OpaquePointer

  /// Its `UID`.
  let identity: String
  /// Of which day of a series this is the changed meeting (`RECURRENCE-ID`); nil when it is no change.
  let recurrence: Int?

  /// The event that `component` is; times without a zone are in `roomZone`.
  init(_ component: OpaquePointer, roomZone: OpaquePointer) {
    self.component = component
    self.roomZone = roomZone
    identity = icalcomponent_get_uid(component).map { String(cString: $0) } ?? ""
    recurrence = Self.property(component, ICAL_RECURRENCEID_PROPERTY).flatMap {
      Self.seconds(icalproperty_get_datetime_with_component($0, component), roomZone)
    }
  }

  // MARK: What it says

  var isCancelled: Bool { icalcomponent_get_status(component) == ICAL_STATUS_CANCELLED }

  /// Whether only that the room is taken may be shown (`CLASS`, section 3.8.1.3; what isn't known counts as private).
  var isPrivate: Bool {
    guard let property = Self.property(component, ICAL_CLASS_PROPERTY) else { return false }
    return icalproperty_get_class(property) != ICAL_CLASS_PUBLIC
  }

  var title: String { icalcomponent_get_summary(component).map { String(cString: $0) } ?? "" }

  /// The organiser's name, or else address.
  var organizer: String {
    guard let property = Self.property(component, ICAL_ORGANIZER_PROPERTY) else { return "" }
    if let parameter = icalproperty_get_first_parameter(property, ICAL_CN_PARAMETER),
      let name = icalparameter_get_cn(parameter)
    {
      return String(cString: name)
    }
    let address = icalproperty_get_organizer(property).map { String(cString: $0) } ?? ""
    return address.lowercased().hasPrefix("mailto:") ? String(address.dropFirst("mailto:".count)) : address
  }

  /// Where the meeting's link may stand, the likeliest first: `CONFERENCE` (RFC 7986, section 5.11), address, place,
  /// description, and what other programs add.
  var addressTexts: [String] {
    [
      ICAL_CONFERENCE_PROPERTY, ICAL_URL_PROPERTY, ICAL_LOCATION_PROPERTY, ICAL_DESCRIPTION_PROPERTY, ICAL_X_PROPERTY,
    ].flatMap { kind in
      Self.properties(component, kind).compactMap { property in
        icalproperty_get_value(property).flatMap { value in
          // Descriptions are texts, in which commas and lines are escaped; the value's own string is as written.
          (icalvalue_get_text(value) ?? icalproperty_get_value_as_string(property)).map { String(cString: $0) }
        }
      }
    }
  }

  // MARK: When it is

  /// When it begins, or the first of its series.
  var start: Int? { startTime.flatMap { Self.seconds($0, roomZone) } }

  /// How long it lasts, seconds; nil when it has no beginning.
  var duration: Int? {
    guard let startTime, let start else { return nil }
    if let property = Self.property(component, ICAL_DTEND_PROPERTY),
      let end = Self.seconds(icalproperty_get_datetime_with_component(property, component), roomZone)
    {
      return max(0, end - start)
    }
    if let property = Self.property(component, ICAL_DURATION_PROPERTY) {
      return min(max(0, Int(icaldurationtype_as_int(icalproperty_get_duration(property)))), 366 * Self.day)
    }
    return startTime.is_date != 0 ? Self.day : 0
  }

  /// When its meetings begin, all those from `first` to `last` and perhaps some others.
  func starts(from first: Int, to last: Int) -> Set<Int> {
    guard let startTime, let start else { return [] }
    var starts: Set<Int> = [start]
    for property in Self.properties(component, ICAL_RRULE_PROPERTY) {
      starts.formUnion(occurrences(of: icalproperty_get_rrule(property), from: startTime, first: first, last: last))
    }
    for property in Self.properties(component, ICAL_RDATE_PROPERTY) {
      let date = icalproperty_get_rdate(property)
      let isPeriod = icaltime_is_null_time(date.time) != 0
      let time = isPeriod ? date.period.start : icalproperty_get_datetime_with_component(property, component)
      if let seconds = Self.seconds(time, roomZone) { starts.insert(seconds) }
    }
    for property in Self.properties(component, ICAL_EXDATE_PROPERTY) {
      let time = icalproperty_get_datetime_with_component(property, component)
      guard let seconds = Self.seconds(time, roomZone) else { continue }
      if time.is_date != 0, startTime.is_date == 0 {
        starts = starts.filter { !(seconds..<seconds + Self.day).contains($0) }
      } else {
        starts.remove(seconds)
      }
    }
    return starts
  }

  private func occurrences(
    of rule: icalrecurrencetype, from start: icaltimetype, first: Int, last: Int
  ) -> [Int] {
    // Nobody meets each second; such rules only keep the room busy.
    guard
      [ICAL_DAILY_RECURRENCE, ICAL_WEEKLY_RECURRENCE, ICAL_MONTHLY_RECURRENCE, ICAL_YEARLY_RECURRENCE].contains(
        rule.freq),
      let iterator = icalrecur_iterator_new(rule, start)
    else { return [] }
    defer { icalrecur_iterator_free(iterator) }
    var occurrences: [Int] = []
    for _ in 0..<ICalendarReader.maximumOccurrenceCount {
      var time = icalrecur_iterator_next(iterator)
      guard icaltime_is_null_time(time) == 0 else { break }
      time.zone = start.zone
      guard let seconds = Self.seconds(time, roomZone), seconds < last else { break }
      if seconds >= first { occurrences.append(seconds) }
    }
    return occurrences
  }

  private var startTime: icaltimetype? {
    guard let property = Self.property(component, ICAL_DTSTART_PROPERTY) else { return nil }
    let time = icalproperty_get_datetime_with_component(property, component)
    return icaltime_is_null_time(time) == 0 && icaltime_is_valid_time(time) != 0 ? time : nil
  }

  // MARK: The library's values

  private static func seconds(_ time: icaltimetype, _ roomZone: OpaquePointer) -> Int? {
    guard icaltime_is_null_time(time) == 0, (1900..<2500).contains(time.year), (1...12).contains(time.month),
      (1...31).contains(time.day)
    else { return nil }
    return Int(icaltime_as_timet_with_zone(time, time.is_date != 0 ? roomZone : time.zone ?? roomZone))
  }

  private static func property(_ component: OpaquePointer, _ kind: icalproperty_kind) -> OpaquePointer? {
    icalcomponent_get_first_property(component, kind)
  }

  private static func properties(_ component: OpaquePointer, _ kind: icalproperty_kind) -> [OpaquePointer] {
    var result: [OpaquePointer] = []
    var next = icalcomponent_get_first_property(component, kind)
    while let property = next {
      result.append(property)
      next = icalcomponent_get_next_property(component, kind)
    }
    return result
  }
}

import Catalogue
import Foundation
import RoomCalendar
import Video

/// What the room's screen shows while there is no meeting, as it follows from how things stand.
struct FrontPage {
  /// How many meetings are listed.
  static let meetingCount = 4

  var language = Language.french
  var name = ""
  var bookings = BookingList()
  /// Since when the room's calendar can't be had; nil while it can.
  var calendarLostSince: Date?
  var invitation: PanelInvitation?
  /// What is wrong, the gravest first.
  var warnings: [Sentence] = []
  /// What has just happened.
  var notice: String?

  /// The view at `date`, by the calendar and in the time zone given.
  func view(at date: Date, calendar: Calendar = .current) -> RoomView {
    var view = RoomView()
    view.name = name
    view.time = time(date, calendar)
    view.date = day(date, calendar)
    (view.availability, view.isBooked) = availability(at: date, calendar)
    view.meetingsTitle = FrontPageTexts.meetings[language]
    if let calendarLostSince {
      view.meetingsTitle = FrontPageTexts.meetingsSince(time(calendarLostSince, calendar))[language]
    }
    view.noMeetings = FrontPageTexts.noMeetings[language]
    view.meetings = meetings(at: date, calendar)
    view.guidance = (invitation == nil ? FrontPageTexts.noPanel : FrontPageTexts.guidance)[language]
    view.invitation = invitation?.text(language)
    view.warnings = warnings.map { $0[language] }
    view.notice = notice
    view.minute = Int((date.timeIntervalSince1970 / 60).rounded(.down))
    return view
  }

  private func availability(at date: Date, _ calendar: Calendar) -> (String, Bool) {
    switch bookings.availability(at: date) {
    case .free: (FrontPageTexts.free[language], false)
    case .freeUntil(let end):
      // Tomorrow's meeting doesn't matter today.
      calendar.isDate(end, inSameDayAs: date)
        ? (FrontPageTexts.freeUntil(time(end, calendar))[language], false) : (FrontPageTexts.free[language], false)
    case .bookedUntil(let end): (FrontPageTexts.bookedUntil(time(end, calendar))[language], true)
    }
  }

  private func meetings(at date: Date, _ calendar: Calendar) -> [RoomView.Meeting] {
    let today = calendar.startOfDay(for: date)
    let end = calendar.date(byAdding: .day, value: 1, to: today) ?? today.addingTimeInterval(86_400)
    guard date < end else { return [] }
    let coming = bookings.bookings(in: DateInterval(start: date, end: end)).filter { $0.end > date }
    return coming.prefix(Self.meetingCount).map { booking in
      let title =
        booking.isPrivate
        ? BookingLabels.reserved[language]
        : booking.title.isEmpty ? FrontPageTexts.untitled[language] : booking.title
      return RoomView.Meeting(
        time: "\(time(booking.start, calendar)) – \(time(booking.end, calendar))", title: title.tame(255),
        isCurrent: booking.start <= date)
    }
  }

  private func time(_ date: Date, _ calendar: Calendar) -> String {
    let parts = calendar.dateComponents([.hour, .minute], from: date)
    func twoDigits(_ number: Int?) -> String { ((number ?? 0) < 10 ? "0" : "") + "\(number ?? 0)" }
    return "\(twoDigits(parts.hour)):\(twoDigits(parts.minute))"
  }

  private func day(_ date: Date, _ calendar: Calendar) -> String {
    let style = Date.FormatStyle(
      locale: Locale(identifier: language == .french ? "fr_FR" : "en_GB"), calendar: calendar,
      timeZone: calendar.timeZone)
    return date.formatted(style.weekday(.wide).day().month(.wide))
  }
}

/// How somebody in the room comes to control it by a panel or phone.
public enum PanelInvitation: Hashable, Sendable {
  /// Whoever sees the screen may set the first PIN: at this address, with this code.
  case setup(address: String, code: String)
  /// Whoever sees the screen may control the room: by this link.
  case pairing(link: String)
  /// The panel is at this address, for those who know the PIN.
  case panel(address: String)

  func text(_ language: Language) -> RoomView.Invitation {
    switch self {
    case .setup(let address, let code):
      // In groups of three, as it is read aloud.
      let grouped = code.count == 6 ? "\(code.prefix(3)) \(code.suffix(3))" : code
      return RoomView.Invitation(
        link: "\(address)#setup=\(code)", lines: [Self.bare(address), FrontPageTexts.setupCode(grouped)[language]],
        caption: FrontPageTexts.setup[language])
    case .pairing(let link):
      return RoomView.Invitation(link: link, lines: [], caption: FrontPageTexts.pairing[language])
    case .panel(let address):
      return RoomView.Invitation(link: address, lines: [Self.bare(address)], caption: "")
    }
  }

  /// What is typed into a browser.
  private static func bare(_ address: String) -> String {
    var text = Substring(address)
    while text.last == "/" { text.removeLast() }
    return String(text)
  }
}

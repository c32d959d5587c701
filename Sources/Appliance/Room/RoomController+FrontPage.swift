import Catalogue
import Control
import Foundation
import RoomCalendar

extension RoomController {
  /// Takes over what the room is booked for, and wakes the room when a meeting begins.
  /// - Parameter lostSince: since when the room's calendar can't be had; nil while it can.
  public func setBookings(_ bookings: BookingList, lostSince: Date? = nil) {
    frontPage.bookings = bookings
    frontPage.calendarLostSince = lostSince
    let current = bookings.current(at: date())?.identity
    defer { announcedBooking = current }
    if let current, current != announcedBooking { handle(.presence) }
  }

  /// Takes over how somebody in the room comes to control it; nil when there is no panel.
  public func setInvitation(_ invitation: PanelInvitation?) { frontPage.invitation = invitation }

  /// Shows how things stand now.
  func showFrontPage() async {
    if let end = noticeEnd, end <= clock() { (frontPage.notice, noticeEnd) = (nil, nil) }
    frontPage.language = await language
    frontPage.name = await name
    let grave = diagnostics.present.filter { $0.level > .warning }
    frontPage.warnings = grave.sorted { $0.level > $1.level }.map(\.sentence)
    // While that was asked for, a meeting may have begun.
    guard call == nil else { return }
    equipment.show(frontPage.view(at: date()))
  }
}

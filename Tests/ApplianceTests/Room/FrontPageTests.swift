import Catalogue
import Control
import Foundation
import RoomCalendar
import Testing
import Video

@testable import Appliance

@Suite("Front page")
struct FrontPageTests {
  /// Paris, where the room is.
  private static let calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(identifier: "Europe/Paris") ?? .gmt
    return calendar
  }()

  /// Monday, 23 November 2026, in Paris.
  private static func at(_ hour: Int, _ minute: Int = 0, day: Int = 23) throws -> Date {
    try #require(
      calendar.date(from: DateComponents(year: 2_026, month: 11, day: day, hour: hour, minute: minute)))
  }

  private static func booking(_ title: String, _ start: Date, minutes: Double, isPrivate: Bool = false) -> Booking {
    Booking(
      identity: "\(title)\(start)", title: title, start: start, end: start + 60 * minutes, isPrivate: isPrivate)
  }

  @Test("name, time and date are those of the room")
  func clock() throws {
    var page = FrontPage()
    page.name = "Rivoli"
    var view = page.view(at: try Self.at(9, 5), calendar: Self.calendar)
    #expect(view.name == "Rivoli" && view.time == "09:05" && view.date == "lundi 23 novembre")
    page.language = .english
    view = page.view(at: try Self.at(23, 59), calendar: Self.calendar)
    #expect(view.time == "23:59" && view.date == "Monday 23 November")
    #expect(view.minute + 1 == page.view(at: try Self.at(0, day: 24), calendar: Self.calendar).minute)
  }

  @Test("the next meetings of the day are listed, private ones without their titles")
  func meetings() throws {
    var page = FrontPage()
    page.bookings = BookingList([
      Self.booking("Hier", try Self.at(10, day: 22), minutes: 60), Self.booking("Tôt", try Self.at(8), minutes: 60),
      Self.booking("Budget", try Self.at(10), minutes: 90),
      Self.booking("Secret", try Self.at(12), minutes: 30, isPrivate: true),
      Self.booking("", try Self.at(14), minutes: 30), Self.booking("Point", try Self.at(15), minutes: 30),
      Self.booking("Tard", try Self.at(16), minutes: 30), Self.booking("Demain", try Self.at(9, day: 24), minutes: 60),
    ])
    let view = page.view(at: try Self.at(10, 30), calendar: Self.calendar)
    #expect(view.meetings.map(\.title) == ["Budget", "Réservé", "Réunion", "Point"])
    #expect(view.meetings.map(\.isCurrent) == [true, false, false, false])
    #expect(view.meetings.first?.time == "10:00 – 11:30")
    #expect(view.availability == "Réservée jusqu’à 11:30" && view.isBooked)
    #expect(page.view(at: try Self.at(9), calendar: Self.calendar).availability == "Libre jusqu’à 10:00")
    // What is tomorrow doesn't matter tonight.
    let evening = page.view(at: try Self.at(20), calendar: Self.calendar)
    #expect(evening.availability == "Salle libre" && evening.meetings.isEmpty && !evening.isBooked)
  }

  @Test("it says how the room is reached")
  func invitations() throws {
    var page = FrontPage()
    let date = try Self.at(10)
    #expect(page.view(at: date).invitation == nil)
    page.invitation = .setup(address: "https://192.0.2.7/", code: "048291")
    let setup = try #require(page.view(at: date).invitation)
    #expect(setup.lines == ["https://192.0.2.7", "Code 048 291"] && setup.link == "https://192.0.2.7/#setup=048291")
    page.invitation = .pairing(link: "https://192.0.2.7/#pair=abc")
    // What a phone reads nobody types.
    #expect(page.view(at: date).invitation?.lines == [])
    page.invitation = .panel(address: "https://[2001:db8::1]:8443/")
    #expect(page.view(at: date).invitation?.lines == ["https://[2001:db8::1]:8443"])
  }

  @Test("a meeting that begins wakes the room, once")
  func waking() async throws {
    let harness = await RoomHarness()
    try await harness.run("Standby Activate")
    #expect(!harness.equipment.isAwake)
    let next = Self.booking("Bientôt", RoomHarness.date + 60, minutes: 30)
    await harness.room.setBookings(BookingList([next]))
    #expect(!harness.equipment.isAwake)
    let now = BookingList([Self.booking("Maintenant", RoomHarness.date - 60, minutes: 30)])
    await harness.room.setBookings(now)
    #expect(harness.equipment.isAwake)
    try await harness.run("Standby Activate")
    await harness.room.setBookings(now)
    #expect(!harness.equipment.isAwake)
  }

  @Test("grave faults stand there with their remedy, in the room's language, and go")
  func warnings() async throws {
    let harness = await RoomHarness()
    harness.equipment.change { $0.faults = [.sound] }
    await harness.pass(.seconds(1))
    #expect(harness.equipment.views.last??.warnings == [DiagnosticSentences.soundMissing.french])
    try await harness.set("UserInterface Language", "English")
    await harness.pass(.seconds(1))
    #expect(harness.equipment.views.last??.warnings == [DiagnosticSentences.soundMissing.english])
    harness.equipment.change { $0.faults = [] }
    await harness.pass(.seconds(1))
    #expect(harness.equipment.views.last??.warnings == [])
  }

  @Test("how a meeting ended stands there for a while")
  func notice() async throws {
    let harness = await RoomHarness()
    let meeting = try await harness.join()
    #expect(harness.equipment.views.last == .some(nil))
    meeting.end(CallEnding(.ended, "C’est fini."))
    try await harness.reaches("SystemUnit State Room", "Idle")
    await harness.pass(.seconds(1))
    #expect(harness.equipment.views.last??.notice == "C’est fini.")
    await harness.pass(.seconds(60))
    #expect(harness.equipment.views.last??.notice == nil)
    #expect(harness.equipment.views.last??.name == "Salle")
  }
}

@Suite("Screen preferences")
struct ScreenPreferencesTests {
  @Test("the settings' values are read, others count as the standard")
  func values() {
    var preferences = ScreenPreferences(
      resolution: "3840_2160_30", overscanLevel: "Medium", colorRange: "Limited")
    #expect(preferences.mode == .init(width: 3_840, height: 2_160, refreshRate: 30))
    #expect(preferences.hiddenEdge == 0.03 && preferences.colorRange == .limited)
    preferences = ScreenPreferences(resolution: "Auto", overscanLevel: nil, colorRange: "?")
    #expect(preferences == ScreenPreferences())
    for text in ["1_2", "1_2_3_4", "a_b_c", "1__3", ""] { #expect(ScreenPreferences.Mode(text) == nil) }
  }

  @Test("every value of the setting means something")
  func declared() throws {
    let index = try #require(ControlTree.room.index(of: .configuration, "Video Output Connector[n] Resolution"))
    guard case .literal(let words)? = ControlTree.room.nodes[index].space else {
      Issue.record("not a list of words")
      return
    }
    #expect(words.count > 5)
    for word in words where word != "Auto" { #expect(ScreenPreferences.Mode(word) != nil, "\(word)") }
  }

  @Test("a screen is driven anew when its settings change, and only then")
  func applied() async throws {
    let harness = await RoomHarness()
    #expect(harness.equipment.screens.isEmpty)
    try await harness.set("Video Output Connector 2 OverscanLevel", "High")
    await harness.pass(.seconds(1))
    #expect(harness.equipment.screens.keys.sorted() == [2])
    #expect(harness.equipment.screens[2]?.hiddenEdge == 0.06)
  }
}

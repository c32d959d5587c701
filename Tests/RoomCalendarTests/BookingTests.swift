import Foundation
import Testing

@testable import RoomCalendar

@Suite("Bookings")
struct BookingTests {
  private static func time(_ minutes: Double) -> Date { Date(timeIntervalSince1970: minutes * 60) }
  private static func booking(_ identity: String, _ start: Double, _ end: Double) -> Booking {
    Booking(identity: identity, title: identity, start: time(start), end: time(end))
  }

  @Test("whether the room is free, and until when")
  func availability() {
    let list = BookingList([Self.booking("c", 120, 150), Self.booking("a", 10, 40), Self.booking("b", 40, 70)])
    #expect(list.bookings.map(\.identity) == ["a", "b", "c"])
    #expect(list.availability(at: Self.time(0)) == .freeUntil(Self.time(10)))
    #expect(list.availability(at: Self.time(10)) == .bookedUntil(Self.time(70)))
    #expect(list.availability(at: Self.time(70)) == .freeUntil(Self.time(120)))
    #expect(list.availability(at: Self.time(150)) == .free)
    #expect(list.current(at: Self.time(39))?.identity == "a")
    #expect(list.current(at: Self.time(40))?.identity == "b")
    #expect(list.current(at: Self.time(70)) == nil)
    #expect(
      list.bookings(in: DateInterval(start: Self.time(30), end: Self.time(120))).map(\.identity) == ["a", "b"])
    // An end before its beginning is none.
    #expect(Self.booking("x", 10, 5).end == Self.time(10))
    let many = BookingList((0..<1_500).map { Self.booking("\($0)", Double($0), Double($0 + 1)) })
    #expect(many.bookings.count == BookingList.maximumCount && many.bookings.last?.identity == "999")
  }

  @Test("what a control system puts")
  func document() throws {
    let text = """
      {"Bookings": [
        {"Id": "1", "Title": "Comité", "Organizer": {"Name": "Zoé Martin"}, "Number": "abc-defg-hij", "Protocol": "SIP",
         "Time": {"StartTime": "2026-11-22T10:00:00Z", "Duration": 60, "EndTimeBuffer": 5}},
        {"Id": "2", "Privacy": "Private", "Organizer": {"FirstName": "A", "LastName": "B"},
         "Time": {"StartTime": "2026-11-22T12:00:00.250+01:00", "EndTime": "2026-11-22T13:00:00+01:00"},
         "DialInfo": {"Calls": {"Call": [{"Protocol": "WebRTC"}, {"Number": "https://visio.example/x"}]}}}]}
      """
    let bookings = try BookingsDocument.bookings(in: text)
    #expect(bookings.map(\.title) == ["Comité", ""] && bookings.map(\.organizer) == ["Zoé Martin", "A B"])
    #expect(bookings.map(\.address) == ["abc-defg-hij", "https://visio.example/x"])
    #expect(bookings.map(\.isPrivate) == [false, true])
    #expect(bookings[0].end.timeIntervalSince(bookings[0].start) == 3_600)
    #expect(bookings[1].start == Date(timeIntervalSince1970: 1_795_345_200.25))
    #expect(try BookingsDocument.bookings(in: #"{"Bookings": []}"#).isEmpty)
  }

  @Test("what isn't right is said, and nothing of it is taken")
  func failures() {
    func failure(_ text: String) -> BookingsDocument.Failure? {
      do throws(BookingsDocument.Failure) {
        _ = try BookingsDocument.bookings(in: text)
        return nil
      } catch {
        return error
      }
    }
    func item(_ id: String, _ time: String) -> String { #"{"Id":"\#(id)","Time":{\#(time)}}"# }
    let start = #""StartTime":"2026-11-22T10:00:00Z""#
    for text in ["", "[]", "{", #"{"Bookings": 1}"#] {
      guard case .unreadable = failure(text) else { Issue.record("\(text)"); continue }
    }
    #expect(failure(#"{"Bookings":[{"Time":{}}]}"#) == .unreadable("Bookings/0/Id"))
    #expect(failure("{\"Bookings\":[\(item("7", start))]}") == .wrongTime("7"))
    #expect(failure("{\"Bookings\":[\(item("7", #""StartTime":"tomorrow","Duration":5"#))]}") == .wrongTime("7"))
    #expect(failure("{\"Bookings\":[\(item("7", start + #","EndTime":"2026-11-22T09:00:00Z""#))]}") == .wrongTime("7"))
    #expect(failure("{\"Bookings\":[\(item("7", start + #","Duration":-5"#))]}") == .wrongTime("7"))
    let good = item("7", start + #","Duration":5"#)
    #expect(failure("{\"Bookings\":[\(good),\(good)]}") == .repeated("7"))
    #expect(
      failure("{\"Bookings\":[\((0...1_000).map { item("\($0)", start + #","Duration":5"#) }.joined(separator: ","))]}")
        == .tooMany)
  }
}

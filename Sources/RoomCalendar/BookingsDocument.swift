import Foundation

/// The bookings that a control system puts: the JSON text of `Bookings Put`.
///
/// `{"Bookings": [{"Id": "1", "Title": "…", "Organizer": {"Name": "…"}, "Number": "abc-defg-hij", "Privacy": "Private",
/// "Time": {"StartTime": "2026-11-22T10:00:00Z", "Duration": 60}}]}`. Instead of `Duration` (minutes) there may be an
/// `EndTime`; instead of `Number`, `DialInfo` as `Bookings List` answers it. What isn't known is passed over.
public enum BookingsDocument {
  /// Why the text wasn't taken. Nothing of it was.
  public enum Failure: Error, Hashable, Sendable {
    /// It isn't JSON, or lacks what it must have; says where.
    case unreadable(String)
    /// There are more than `BookingList.maximumCount` bookings.
    case tooMany
    /// A booking's time isn't one (RFC 3339), or it ends before it begins; says which booking, by its identity.
    case wrongTime(String)
    /// Two bookings have the same identity.
    case repeated(String)
  }

  private struct Document: Decodable {
    struct Item: Decodable {
      struct Person: Decodable {
        var Name: String?
        var FirstName: String?
        var LastName: String?
      }
      struct Time: Decodable {
        var StartTime: String
        var EndTime: String?
        var Duration: Int?
      }
      struct DialInfo: Decodable {
        struct Calls: Decodable {
          struct Call: Decodable { var Number: String? }
          var Call: [Call]?
        }
        var Calls: Calls?
      }
      var Id: String
      var Title: String?
      var Organizer: Person?
      var Number: String?
      var Privacy: String?
      var Time: Time
      var DialInfo: DialInfo?
    }
    var Bookings: [Item]
  }

  /// The bookings that `text` says; all, or none.
  public static func bookings(in text: String) throws(Failure) -> [Booking] {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
    } catch let error as DecodingError {
      throw .unreadable(place(of: error))
    } catch {
      throw .unreadable("")
    }
    guard document.Bookings.count <= BookingList.maximumCount else { throw .tooMany }
    var seen: Set<String> = []
    var bookings: [Booking] = []
    for item in document.Bookings {
      guard seen.insert(item.Id).inserted else { throw .repeated(item.Id) }
      bookings.append(try booking(item))
    }
    return bookings
  }

  private static func booking(_ item: Document.Item) throws(Failure) -> Booking {
    guard let start = date(item.Time.StartTime) else { throw .wrongTime(item.Id) }
    let end: Date
    if let text = item.Time.EndTime {
      guard let date = date(text) else { throw .wrongTime(item.Id) }
      end = date
    } else {
      guard let minutes = item.Time.Duration, (0...525_600).contains(minutes) else { throw .wrongTime(item.Id) }
      end = start.addingTimeInterval(Double(minutes) * 60)
    }
    guard end >= start else { throw .wrongTime(item.Id) }
    let person = item.Organizer
    let names = [person?.FirstName, person?.LastName].compactMap(\.self).filter { !$0.isEmpty }
    return Booking(
      identity: item.Id, title: item.Title ?? "", organizer: person?.Name ?? names.joined(separator: " "), start: start,
      end: end, isPrivate: item.Privacy.map { $0.lowercased() != "public" } ?? false,
      address: item.Number ?? item.DialInfo?.Calls?.Call?.lazy.compactMap(\.Number).first)
  }

  /// A time of RFC 3339, with or without fractions of a second.
  static func date(_ text: String) -> Date? {
    (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
  }

  private static func place(of error: DecodingError) -> String {
    let context: DecodingError.Context
    var last = ""
    switch error {
    case .keyNotFound(let key, let found): (context, last) = (found, key.stringValue)
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
    @unknown default: return ""
    }
    return (context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue } + [last]).filter { !$0.isEmpty }
      .joined(separator: "/")
  }
}

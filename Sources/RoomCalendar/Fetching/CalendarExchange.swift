import Foundation

/// What to ask a calendar's server, and what its answers mean. Whoever has the network sends and receives.
public struct CalendarExchange: Sendable {
  /// A request of HTTP.
  public struct Request: Sendable {
    /// The method: `GET`, or `REPORT` (RFC 3253, section 3.6).
    public var method: String
    /// The address.
    public var url: String
    /// The header fields.
    public var headers: [(name: String, value: String)]
    /// The body; empty for none.
    public var body: String
  }

  /// What an answer means.
  public enum Answer: Hashable, Sendable {
    /// All is as it was.
    case unchanged
    /// The calendars, one after the other, as `ICalendarReader` reads them; and the tag to show with the next request.
    case calendars([UInt8], tag: String?)
  }

  /// Why an answer has no calendars.
  public enum Failure: Error, Hashable, Sendable {
    /// Name and password are wrong, or needed.
    case notAllowed
    /// There is no calendar at the address.
    case notFound
    /// The server sends to another address; it isn't followed, as a password may not be shown to others.
    case moved
    /// The server has failed or is too busy, by its status.
    case server(Int)
    /// The answer isn't what the standard has.
    case unreadable
  }

  private static let namespaces = #"xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav""#

  /// Where the calendar is.
  public let address: CalendarAddress

  /// Exchanges with the server of `address`.
  public init(_ address: CalendarAddress) { self.address = address }

  /// The request for what is in `range`.
  /// - Parameter tag: that of the last answer.
  public func request(_ range: DateInterval, tag: String?) -> Request {
    var request = Request(method: "GET", url: address.url, headers: [], body: "")
    if let credentials = address.credentials {
      let token = Data("\(credentials.name):\(credentials.password)".utf8).base64EncodedString()
      request.headers.append(("Authorization", "Basic \(token)"))
    }
    switch address.kind {
    case .file:
      request.headers.append(("Accept", "text/calendar"))
      if let tag { request.headers.append(("If-None-Match", tag)) }
    case .collection:
      request.method = "REPORT"
      request.headers += [("Depth", "1"), ("Content-Type", "application/xml; charset=utf-8")]
      request.body = Self.query(range)
    }
    return request
  }

  /// The query for all events that have something in `range` (RFC 4791, section 7.8.1).
  private static func query(_ range: DateInterval) -> String {
    func time(_ date: Date) -> String {
      date.formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
    }
    return """
      <?xml version="1.0" encoding="utf-8"?>
      <C:calendar-query \(namespaces)><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR">\
      <C:comp-filter name="VEVENT"><C:time-range start="\(time(range.start))" end="\(time(range.end))"/>\
      </C:comp-filter></C:comp-filter></C:filter></C:calendar-query>
      """
  }

  /// What an answer means.
  public func answer(
    status: Int, headers: [(name: String, value: String)], body: [UInt8]
  ) throws(Failure) -> Answer {
    switch status {
    case 304 where address.kind == .file: return .unchanged
    case 200 where address.kind == .file:
      return .calendars(body, tag: headers.first { $0.name.lowercased() == "etag" }?.value)
    case 207 where address.kind == .collection:
      guard let calendars = CalendarMultistatus.calendars(in: body) else { throw .unreadable }
      return .calendars(calendars, tag: nil)
    case 401, 403: throw .notAllowed
    case 404, 405, 410, 501: throw .notFound
    case 300..<400: throw .moved
    case 200..<300: throw .unreadable
    default: throw .server(status)
    }
  }
}

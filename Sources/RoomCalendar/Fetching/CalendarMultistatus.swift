import Foundation
import FoundationXML

/// Reads a CalDAV server's answer to a query (`multistatus`, RFC 4918, section 13): the calendars in it.
final class CalendarMultistatus: NSObject, XMLParserDelegate {
  private static let calDAV = "urn:ietf:params:xml:ns:caldav"

  private var calendars = ""
  private var isMultistatus = false
  private var isInCalendar = false
  private var depth = 0

  /// The calendars, one after the other; nil when the answer isn't XML, or another kind of it.
  static func calendars(in body: [UInt8]) -> [UInt8]? {
    let reader = CalendarMultistatus()
    let parser = XMLParser(data: Data(body))
    parser.shouldProcessNamespaces = true
    parser.shouldResolveExternalEntities = false
    parser.delegate = reader
    // An answer that was cut off would otherwise count as one with fewer meetings.
    guard parser.parse(), reader.isMultistatus, reader.depth == 0 else { return nil }
    // Without an event the answer is a calendar without events.
    let empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
    return Array((reader.calendars.isEmpty ? empty : reader.calendars).utf8)
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    depth += 1
    // Nothing of the standard is as deep.
    if depth > 32 { return parser.abortParsing() }
    if depth == 1 { isMultistatus = name == "multistatus" && namespaceURI == "DAV:" }
    isInCalendar = name == "calendar-data" && namespaceURI == Self.calDAV
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    depth -= 1
    if isInCalendar { calendars += "\r\n" }
    isInCalendar = false
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if isInCalendar { calendars += text }
  }

  func parser(_ parser: XMLParser, foundCDATA block: Data) {
    if isInCalendar { calendars += String(decoding: block, as: UTF8.self) }
  }
}

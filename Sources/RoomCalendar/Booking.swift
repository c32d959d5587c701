import Foundation

/// A meeting for which the room is booked.
public struct Booking: Hashable, Sendable, Codable {
  /// What tells it from others, an occurrence of a series from the series' other ones included.
  public var identity: String
  /// What it is called; empty where the calendar doesn't say.
  public var title: String
  /// Who invited to it; empty where the calendar doesn't say.
  public var organizer: String
  /// When it begins.
  public var start: Date
  /// When it ends; never before `start`.
  public var end: Date
  /// Whether only that the room is taken may be shown.
  public var isPrivate: Bool
  /// The code or link of its Visio meeting; nil where none was found.
  public var address: String?

  /// A booking.
  public init(
    identity: String, title: String, organizer: String = "", start: Date, end: Date, isPrivate: Bool = false,
    address: String? = nil
  ) {
    self.identity = identity
    self.title = title
    self.organizer = organizer
    self.start = start
    self.end = max(start, end)
    self.isPrivate = isPrivate
    self.address = address
  }
}

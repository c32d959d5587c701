import Foundation

/// The room's bookings, and what they say about now.
public struct BookingList: Hashable, Sendable {
  /// Whether the room is free, and until when.
  public enum Availability: Hashable, Sendable {
    /// As far as is known.
    case free
    /// Until a meeting begins.
    case freeUntil(Date)
    /// Until the last of the meetings that follow one another without a pause ends.
    case bookedUntil(Date)
  }

  /// How many bookings are kept; the latest are left out.
  public static let maximumCount = 1_000

  /// The bookings, the earliest first.
  public private(set) var bookings: [Booking]

  /// A list of these bookings.
  public init(_ bookings: [Booking] = []) {
    self.bookings = Array(
      bookings.sorted { ($0.start, $0.identity) < ($1.start, $1.identity) }.prefix(Self.maximumCount))
  }

  /// The booking that is on at `now`; of several the one that began last.
  public func current(at now: Date) -> Booking? { bookings.last { $0.start <= now && now < $0.end } }

  /// Whether the room is free at `now`.
  public func availability(at now: Date) -> Availability {
    guard var end = current(at: now)?.end else {
      return bookings.first { $0.start > now && $0.end > $0.start }.map { .freeUntil($0.start) } ?? .free
    }
    for booking in bookings where booking.start <= end && booking.end > end { end = booking.end }
    return .bookedUntil(end)
  }

  /// The bookings of which some part is in `range`.
  public func bookings(in range: DateInterval) -> [Booking] {
    bookings.filter { $0.start < range.end && $0.end > range.start }
  }
}

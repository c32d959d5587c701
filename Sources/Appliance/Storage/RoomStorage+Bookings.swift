import RoomCalendar
import Foundation
import GRDB

extension RoomStorage {
  /// The bookings that were stored last.
  public func bookings() throws(RoomStorageError) -> [Booking] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT identity, title, organizer, start, end, isPrivate, address FROM booking ORDER BY start"
      ).map { row in
        Booking(
          identity: row["identity"], title: row["title"], organizer: row["organizer"],
          start: Date(timeIntervalSince1970: row["start"]), end: Date(timeIntervalSince1970: row["end"]),
          isPrivate: row["isPrivate"], address: row["address"])
      }
    }
  }

  /// Stores these bookings in place of those before, all or none; they are on the disk when this returns.
  public func store(_ bookings: [Booking]) throws(RoomStorageError) {
    try write { database in
      try database.execute(sql: "DELETE FROM booking")
      for booking in bookings {
        try database.execute(
          sql: """
            INSERT OR REPLACE INTO booking (identity, title, organizer, start, end, isPrivate, address)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            booking.identity, booking.title, booking.organizer, booking.start.timeIntervalSince1970,
            booking.end.timeIntervalSince1970, booking.isPrivate, booking.address,
          ])
      }
    }
  }
}

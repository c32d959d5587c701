/// Why the room's file can't be used.
public enum RoomStorageError: Error, Hashable, Sendable {
  /// The file can't be opened, read or written; SQLite's code and what it says. The disk may be full or read-only.
  case unusable(code: Int32, message: String)
  /// A newer Salle has written the file. Use that, or another state directory.
  case newer
}

import GRDB

/// What the room shows to other services and to nobody else; the file is readable for its owner alone.
extension RoomStorage {
  /// The secret of that name; nil when there is none.
  func secret(_ name: String) throws(RoomStorageError) -> String? {
    try read { try String.fetchOne($0, sql: "SELECT value FROM secret WHERE name = ?", arguments: [name]) }
  }

  /// Stores a secret in place of the one before, or forgets it; done when this returns.
  func storeSecret(_ value: String?, name: String) throws(RoomStorageError) {
    try write { database in
      if let value {
        try database.execute(
          sql: "INSERT OR REPLACE INTO secret (name, value) VALUES (?, ?)", arguments: [name, value])
      } else {
        try database.execute(sql: "DELETE FROM secret WHERE name = ?", arguments: [name])
      }
    }
  }
}

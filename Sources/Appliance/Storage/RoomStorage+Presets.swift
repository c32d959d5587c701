import GRDB

extension RoomStorage {
  /// The cameras' views that were kept.
  public func presets() throws(RoomStorageError) -> [StoredPreset] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT number, camera, name, view FROM preset ORDER BY number").map { row in
        StoredPreset(number: row["number"], camera: row["camera"], name: row["name"], view: row["view"])
      }
    }
  }

  /// Keeps a view in place of the one with its number; it is on the disk when this returns.
  public func store(_ preset: StoredPreset) throws(RoomStorageError) {
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO preset (number, camera, name, view) VALUES (?, ?, ?, ?)",
        arguments: [preset.number, preset.camera, preset.name, preset.view])
    }
  }

  /// Forgets a view.
  public func removePreset(_ number: Int) throws(RoomStorageError) {
    try write { try $0.execute(sql: "DELETE FROM preset WHERE number = ?", arguments: [number]) }
  }
}

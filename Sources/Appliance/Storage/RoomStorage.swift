import Control
import GRDB

/// What must survive the room's end: one SQLite file.
///
/// Each write is one transaction that is on the disk when the call returns (write-ahead log, `synchronous` FULL), so that
/// neither a kill nor a loss of power can lose it or leave half of it. A file that isn't a database any more is set aside
/// rather than keep the room from starting.
public final class RoomStorage: Sendable {
  /// Where a damaged file was put, if there was one; the room has begun anew then, and should say so.
  public let damagedPath: String?
  let queue: DatabaseQueue

  /// Opens the file at `path`, or makes it, readable for its owner alone.
  public init(path: String) throws(RoomStorageError) {
    do {
      queue = try Self.open(path)
      damagedPath = nil
    } catch .unusable(let code, _) where Self.damage.contains(code) {
      damagedPath = try Self.setAside(path)
      queue = try Self.open(path)
    }
  }

  private static let damage: Set<Int32> = [
    ResultCode.SQLITE_NOTADB.rawValue, ResultCode.SQLITE_CORRUPT.rawValue,
  ]

  private static func open(_ path: String) throws(RoomStorageError) -> DatabaseQueue {
    do {
      try PrivateFile.touch(path)
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(5)
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      // GRDB lowers it when it sets the write-ahead log up.
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      let migrator = Self.migrator
      guard try !queue.read(migrator.hasBeenSuperseded) else { throw RoomStorageError.newer }
      let health = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
      guard health == "ok" else {
        throw RoomStorageError.unusable(code: ResultCode.SQLITE_CORRUPT.rawValue, message: health ?? "")
      }
      try migrator.migrate(queue)
      return queue
    } catch {
      throw RoomStorageError(error)
    }
  }

  private static func setAside(_ path: String) throws(RoomStorageError) -> String {
    let aside = path + ".damaged"
    do throws(PrivateFile.Failure) {
      try PrivateFile.rename(path, to: aside)
      for suffix in ["-wal", "-shm"] { try PrivateFile.remove(path + suffix) }
    } catch {
      throw RoomStorageError(error)
    }
    return aside
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          CREATE TABLE setting (path TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
          CREATE TABLE lastRoom (
            id INTEGER PRIMARY KEY CHECK (id = 1), number TEXT NOT NULL, time INTEGER NOT NULL);
          CREATE TABLE diagnostic (
            id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, level TEXT NOT NULL, began INTEGER NOT NULL,
            ended INTEGER);
          CREATE TABLE account (
            name TEXT PRIMARY KEY NOT NULL, role TEXT NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("2") { database in
      try database.execute(
        sql: """
          CREATE TABLE booking (
            identity TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, organizer TEXT NOT NULL, start REAL NOT NULL,
            end REAL NOT NULL, isPrivate INTEGER NOT NULL, address TEXT) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("3") { database in
      try database.execute(
        sql: """
          CREATE TABLE preset (
            number INTEGER PRIMARY KEY NOT NULL, camera INTEGER NOT NULL, name TEXT NOT NULL, view TEXT NOT NULL);
          CREATE TABLE secret (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
          """)
    }
    return migrator
  }

  // MARK: -

  func read<Value>(_ body: (Database) throws -> Value) throws(RoomStorageError) -> Value {
    do { return try queue.read(body) } catch { throw RoomStorageError(error) }
  }

  func write<Value>(_ body: (Database) throws -> Value) throws(RoomStorageError) -> Value {
    do { return try queue.write(body) } catch { throw RoomStorageError(error) }
  }
}

extension RoomStorageError {
  init(_ error: any Error) {
    switch error {
    case let error as RoomStorageError: self = error
    case let error as DatabaseError:
      self = .unusable(code: error.resultCode.rawValue, message: error.message ?? "")
    case let error as PrivateFile.Failure: self = .unusable(code: error.number, message: "\(error)")
    default: self = .unusable(code: -1, message: "\(error)")
    }
  }
}

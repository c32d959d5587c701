import Control
import Foundation
import GRDB

extension RoomStorage {
  // MARK: Settings

  /// The settings as they were stored, whatever they are worth: each one's path as the terminal writes it, and its value's
  /// text.
  public func settings() throws(RoomStorageError) -> [(path: String, value: String)] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT path, value FROM setting ORDER BY path").map { ($0["path"], $0["value"]) }
    }
  }

  /// Stores these settings, all or none; they are on the disk when this returns.
  public func store(_ settings: [ControlLeaf]) throws(RoomStorageError) {
    try write { database in
      for setting in settings {
        try database.execute(
          sql: "INSERT OR REPLACE INTO setting (path, value) VALUES (?, ?)",
          arguments: [setting.path.description, setting.value.text])
      }
    }
  }

  // MARK: The last room

  /// The code or link of the meeting that was dialled last; nil if there was none.
  public func lastRoom() throws(RoomStorageError) -> String? {
    try read { try String.fetchOne($0, sql: "SELECT number FROM lastRoom") }
  }

  /// Notes what was dialled.
  /// - Parameter time: seconds since 1970.
  public func noteRoom(_ number: String, at time: Int64) throws(RoomStorageError) {
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO lastRoom (id, number, time) VALUES (1, ?, ?)", arguments: [number, time])
    }
  }

  // MARK: Diagnostics

  /// How many diagnostics are kept; the oldest go.
  public static let diagnosticCount = 1_000

  /// Notes that something went wrong.
  /// - Parameters:
  ///   - type: the diagnostic's stable identity.
  ///   - level: as the control tree spells it: `Info`, `Warning`, `Error` or `Critical`.
  ///   - time: seconds since 1970.
  public func beginDiagnostic(_ type: String, level: String, at time: Int64) throws(RoomStorageError) {
    try write { database in
      try database.execute(
        sql: "INSERT INTO diagnostic (type, level, began) VALUES (?, ?, ?)", arguments: [type, level, time])
      try database.execute(
        sql: "DELETE FROM diagnostic WHERE id <= (SELECT max(id) FROM diagnostic) - ?",
        arguments: [Self.diagnosticCount])
    }
  }

  /// Notes that what went wrong is over.
  public func endDiagnostic(_ type: String, at time: Int64) throws(RoomStorageError) {
    try write { database in
      try database.execute(
        sql: "UPDATE diagnostic SET ended = ? WHERE type = ? AND ended IS NULL", arguments: [time, type])
    }
  }

  /// What went wrong, the latest first.
  public func diagnostics(limit: Int = RoomStorage.diagnosticCount) throws(RoomStorageError) -> [PastDiagnostic] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT type, level, began, ended FROM diagnostic ORDER BY id DESC LIMIT ?", arguments: [limit]
      ).map { PastDiagnostic(type: $0["type"], level: $0["level"], began: $0["began"], ended: $0["ended"]) }
    }
  }

  // MARK: Accounts

  /// Who may sign in.
  public func accounts() throws(RoomStorageError) -> [StoredAccount] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT name, role, hash FROM account ORDER BY name").compactMap { row in
        let bytes: Data = row["hash"]
        guard let role = ControlRole(rawValue: row["role"]), let hash = PasswordHash(bytes: Array(bytes)) else {
          return nil
        }
        return StoredAccount(name: row["name"], role: role, hash: hash)
      }
    }
  }

  /// Adds an account, or gives the one of that name another role and password.
  public func store(_ account: StoredAccount) throws(RoomStorageError) {
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO account (name, role, hash) VALUES (?, ?, ?)",
        arguments: [account.name, account.role.rawValue, Data(account.hash.bytes)])
    }
  }

  /// Removes the account of that name.
  public func removeAccount(_ name: String) throws(RoomStorageError) {
    try write { try $0.execute(sql: "DELETE FROM account WHERE name = ?", arguments: [name]) }
  }
}

/// Something that went wrong, and when.
public struct PastDiagnostic: Hashable, Sendable {
  /// The diagnostic's stable identity.
  public let type: String
  /// How grave it is, as the control tree spells it.
  public let level: String
  /// When it began, in seconds since 1970.
  public let began: Int64
  /// When it was over; nil if it isn't, or if the room was switched off before.
  public let ended: Int64?
}

/// Who may sign in.
public struct StoredAccount: Hashable, Sendable {
  /// The name, in lower case.
  public let name: String
  /// What it may do.
  public let role: ControlRole
  /// What its password is compared with.
  public let hash: PasswordHash

  /// An account.
  public init(name: String, role: ControlRole, hash: PasswordHash) {
    self.name = name
    self.role = role
    self.hash = hash
  }
}

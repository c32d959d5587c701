import Control
import GRDB
import Glibc
import Testing

@testable import Appliance

@Suite("What the room keeps")
struct RoomStorageTests {
  let directory: TemporaryDirectory
  var path: String { directory.file("room.sqlite") }

  init() throws { directory = try TemporaryDirectory() }

  static func leaf(_ path: String, _ value: ControlValue) throws -> ControlLeaf {
    ControlLeaf(try #require(ControlPath(path)), value)
  }

  @Test("is there again after a restart")
  func restart() throws {
    do {
      let storage = try RoomStorage(path: path)
      try storage.store([Self.leaf("Audio DefaultVolume", .integer(3))])
      try storage.store([Self.leaf("Audio DefaultVolume", .integer(70)), Self.leaf("SystemUnit Name", .string("É"))])
      try storage.noteRoom("abc-defg-hij", at: 1)
      try storage.noteRoom("xyz-defg-hij", at: 2)
    }
    let storage = try RoomStorage(path: path)
    let settings = try storage.settings()
    #expect(settings.map(\.path) == ["Audio DefaultVolume", "SystemUnit Name"])
    #expect(settings.map(\.value) == ["70", "É"])
    #expect(try storage.lastRoom() == "xyz-defg-hij")
    #expect(storage.damagedPath == nil)
  }

  @Test("is on the disk when a call returns, in a file for its owner alone")
  func durability() throws {
    let storage = try RoomStorage(path: path)
    let modes = try storage.queue.writeWithoutTransaction { database in
      (
        try String.fetchOne(database, sql: "PRAGMA journal_mode"), try Int.fetchOne(database, sql: "PRAGMA synchronous")
      )
    }
    #expect(modes.0 == "wal")
    #expect(modes.1 == 2)
    for suffix in ["", "-wal"] {
      var status = stat()
      #expect(stat(path + suffix, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600, "\(suffix)")
    }
  }

  @Test("tells invalid settings and leaves them out")
  func invalidSettings() throws {
    let storage = try RoomStorage(path: path)
    try storage.store([
      Self.leaf("Audio DefaultVolume", .integer(101)), Self.leaf("Standby Delay", .integer(7)),
      Self.leaf("Gone Away", .integer(1)), Self.leaf("Video Input Connector 9 Name", .string("x")),
    ])
    let stored = try StoredSettings(storage)
    #expect(stored.settings == [try Self.leaf("Standby Delay", .integer(7))])
    #expect(stored.invalid == ["Audio DefaultVolume", "Gone Away", "Video Input Connector 9 Name"])
  }

  @Test("keeps a bounded history of diagnostics")
  func diagnostics() throws {
    let storage = try RoomStorage(path: path)
    for number in 0..<(RoomStorage.diagnosticCount + 5) {
      try storage.beginDiagnostic("Kind\(number % 3)", level: "Warning", at: Int64(number))
    }
    #expect(try storage.diagnostics().count == RoomStorage.diagnosticCount)
    try storage.endDiagnostic("Kind1", at: 5_000)
    let last = try storage.diagnostics(limit: 3)
    #expect(last.map(\.began) == [1_004, 1_003, 1_002])
    #expect(last.map(\.ended) == last.map { $0.type == "Kind1" ? 5_000 : nil })
  }

  @Test("begins anew beside a file that isn't one")
  func damage() throws {
    try PrivateFile.write([UInt8](repeating: 0x41, count: 10_000), to: path)
    let storage = try RoomStorage(path: path)
    #expect(storage.damagedPath == path + ".damaged")
    #expect(try PrivateFile.read(path + ".damaged")?.count == 10_000)
    #expect(try storage.settings().isEmpty)
  }

  @Test("isn't touched by an older program")
  func newer() throws {
    do {
      let storage = try RoomStorage(path: path)
      try storage.queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99')") }
    }
    #expect(throws: RoomStorageError.newer) { try RoomStorage(path: path) }
  }

  @Test("says what keeps the file from being opened")
  func unusable() throws {
    #expect(throws: RoomStorageError.self) { try RoomStorage(path: directory.file("none") + "/room.sqlite") }
  }

  @Test("is stored before it is acknowledged")
  func acknowledgement() async throws {
    let storage = try RoomStorage(path: path)
    let center = ControlCenter(
      authenticator: { _, _ in nil },
      keeper: { settings throws(ControlError) in
        // The disk is full when the room is to be called so.
        if settings.contains(where: { $0.value.text == "full" }) { throw .failed(reason: "Setting not stored") }
        try storage.keep(settings)
      })
    let name = try #require(ControlPath("SystemUnit Name"))
    _ = try await center.perform(.set(name, "Rivoli"), role: .admin)
    #expect(try storage.settings().map(\.value) == ["Rivoli"])
    await #expect(throws: ControlError.failed(reason: "Setting not stored")) {
      try await center.perform(.set(name, "full"), role: .admin)
    }
    #expect(await center.value(.configuration, name) == .string("Rivoli"))
  }

  @Test("sets what the room was told before")
  func loaded() async throws {
    let storage = try RoomStorage(path: path)
    try storage.store([Self.leaf("Standby Delay", .integer(7)), Self.leaf("Standby Control", .integer(3))])
    let stored = try StoredSettings(storage)
    let center = ControlCenter(settings: stored.settings, authenticator: { _, _ in nil })
    #expect(await center.value(.configuration, try #require(ControlPath("Standby Delay"))) == .integer(7))
    #expect(await center.value(.configuration, try #require(ControlPath("Standby Control"))) == .literal("On"))
  }
}

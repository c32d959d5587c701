import Control
import Realtime
import Synchronization
import Testing

@testable import Appliance

@Suite("Who may sign in")
struct AccountTests {
  final class Clock: Sendable {
    private let time = Mutex(Instant(nanoseconds: 0))
    var now: Instant { time.withLock { $0 } }
    func pass(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
  }

  let directory: TemporaryDirectory
  let storage: RoomStorage
  let clock = Clock()

  init() throws {
    directory = try TemporaryDirectory()
    storage = try RoomStorage(path: directory.file("room.sqlite"))
  }

  func book() throws -> AccountBook {
    let clock = clock
    return try AccountBook(storage: storage) { clock.now }
  }

  @Test("is nobody until a password is set")
  func noDefault() async throws {
    let book = try book()
    #expect(await book.isEmpty)
    for (name, password) in [("admin", ""), ("admin", "admin"), ("", ""), ("admin", "decoy")] {
      clock.pass(.seconds(100))
      #expect(await book.authenticate(name: name, password: password) == nil)
    }
  }

  @Test("is who has the password, also after a restart")
  func password() async throws {
    try await book().setPassword("7319", of: "Admin", role: .admin)
    try await book().setPassword("élysée 1", of: "amx", role: .integrator)
    let book = try book()
    #expect(await !book.isEmpty)
    #expect(await book.authenticate(name: "admin", password: "7319") == .admin)
    #expect(await book.authenticate(name: "ADMIN", password: "7319") == .admin)
    #expect(await book.authenticate(name: "amx", password: "élysée 1") == .integrator)
    #expect(await book.authenticate(name: "admin", password: "7310") == nil)
    #expect(await book.authenticate(name: "amx", password: "7319") == nil)
    try await book.setPassword("8000", of: "admin", role: .admin)
    #expect(await book.authenticate(name: "admin", password: "7319") == nil)
    #expect(await book.authenticate(name: "admin", password: "8000") == .admin)
  }

  @Test("isn't found by guessing: each wrong password makes the name wait longer")
  func guessing() async throws {
    let book = try book()
    try await book.setPassword("7319", of: "admin", role: .admin)
    try await book.setPassword("1234", of: "amx", role: .integrator)
    for _ in 0...LoginLimiter.freeAttempts { #expect(await book.authenticate(name: "admin", password: "0") == nil) }
    // The right one is of no use before the time; other names aren't held up.
    #expect(await book.authenticate(name: "admin", password: "7319") == nil)
    #expect(await book.authenticate(name: "amx", password: "1234") == .integrator)
    clock.pass(.milliseconds(999))
    #expect(await book.authenticate(name: "admin", password: "7319") == nil)
    clock.pass(.milliseconds(1))
    #expect(await book.authenticate(name: "admin", password: "7319") == .admin)
  }

  @Test("waits twice as long each time, a minute at most, and is forgiven in the end")
  func backOff() {
    var limiter = LoginLimiter()
    var now = Instant(nanoseconds: 0)
    var waits: [Double] = []
    for _ in 0..<12 {
      limiter.noteFailure(of: "a", at: now)
      var wait = Duration.zero
      while !limiter.admits("a", at: now + wait) { wait += .seconds(1) }
      waits.append(wait / .seconds(1))
      now = now + wait
    }
    #expect(waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
    now = now + LoginLimiter.memory + .seconds(1)
    limiter.noteFailure(of: "a", at: now)
    #expect(limiter.admits("a", at: now))
  }

  @Test("has a name and a password that can be used")
  func refusals() async throws {
    let book = try book()
    await #expect(throws: AccountError.password(.length(4...256))) {
      try await book.setPassword("123", of: "admin", role: .admin)
    }
    for name in ["", "a b", "a:b", "a\n", String(repeating: "a", count: 65)] {
      await #expect(throws: AccountError.name) { try await book.setPassword("7319", of: name, role: .admin) }
    }
    #expect(await book.isEmpty)
  }

  @Test("is compared with a salted hash, which isn't the password")
  func hashes() throws {
    let (first, second) = (try PasswordHash("7319"), try PasswordHash("7319"))
    #expect(first != second)
    #expect(first.matches("7319") && second.matches("7319"))
    #expect(!first.matches("7318") && !first.matches(""))
    #expect(PasswordHash(bytes: first.bytes) == first)
    for bytes in [[], Array(first.bytes.dropLast()), [9] + first.bytes.dropFirst()] {
      #expect(PasswordHash(bytes: bytes) == nil)
    }
    // RFC 7914 section 12 has no vector with these costs; OpenSSL's command gives this one:
    // openssl kdf -keylen 32 -kdfopt pass:7319 -kdfopt hexsalt:00..0f -kdfopt n:16384 -kdfopt r:8 -kdfopt p:1 SCRYPT
    #expect(try #require(PasswordHash(bytes: [1] + (0..<16) + Self.reference)).matches("7319"))
  }

  private static let reference: [UInt8] = [
    0x5B, 0xAA, 0x0E, 0x6A, 0x52, 0x3C, 0xE7, 0x26, 0x1E, 0xF1, 0xCD, 0x23, 0x93, 0xE7, 0xCF, 0x42,
    0x47, 0xF9, 0xEE, 0xE5, 0x77, 0x01, 0xE6, 0x01, 0x54, 0xCA, 0xC9, 0x47, 0x38, 0x32, 0x01, 0x30,
  ]
}

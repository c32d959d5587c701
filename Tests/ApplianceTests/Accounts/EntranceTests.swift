import Control
import Testing

@testable import Appliance

/// How whoever is in the room gets in without a name: by the first code, and by pairing.
@Suite("Entrance")
struct EntranceTests {
  private let directory: TemporaryDirectory
  private let clock = AccountTests.Clock()
  private let book: AccountBook
  private let setup: FirstSetup

  init() throws {
    let clock = clock
    directory = try TemporaryDirectory()
    book = try AccountBook(storage: try RoomStorage(path: directory.file("room.sqlite"))) { clock.now }
    setup = FirstSetup(book: book) { clock.now }
  }

  @Test("the code on the screen sets the first PIN, once")
  func firstPIN() async throws {
    let code = try #require(await setup.code)
    #expect(code.count == 6 && code.allSatisfy(\.isNumber))
    #expect(await setup.code == code)
    // As it is read aloud.
    #expect(try await setup.setPIN("24680", code: "\(code.prefix(3)) \(code.suffix(3))") == .admin)
    #expect(await setup.code == nil)
    #expect(await book.authenticate(name: "admin", password: "24680") == .admin)
    await #expect(throws: FirstSetup.Failure.over) { try await setup.setPIN("13579", code: code) }
    #expect(await book.authenticate(name: "admin", password: "13579") == nil)
  }

  @Test("guessing is slowed down, and the code changes")
  func guessing() async throws {
    let code = try #require(await setup.code)
    let wrong = code == "000000" ? "000001" : "000000"
    var codes: Set<String> = []
    var tries = 0
    for _ in 0..<2_000 {
      do {
        _ = try await setup.setPIN("24680", code: wrong)
        return
      } catch FirstSetup.Failure.wrongCode {
        tries += 1
        if let code = await setup.code { codes.insert(code) }
      } catch FirstSetup.Failure.later {
        clock.pass(.milliseconds(500))
      }
    }
    // A minute each once it has gone on for a while.
    #expect(tries < 40)
    #expect(codes.count > 2)
    #expect(await book.isEmpty)
  }

  @Test("a PIN that can't be one leaves the code as it is")
  func refused() async throws {
    let code = try #require(await setup.code)
    await #expect(throws: FirstSetup.Failure.account(.password(.length(PasswordHash.length)))) {
      try await setup.setPIN("1", code: code)
    }
    #expect(await setup.code == code)
    #expect(try await setup.setPIN("24680", code: code) == .admin)
  }

  @Test("a token lets in while it is shown, and as long again")
  func pairing() async {
    let clock = clock
    let pairing = PanelPairing(clock: { clock.now })
    let first = await pairing.token
    #expect(first.count == 24)
    #expect(await pairing.role(of: first) == .user)
    #expect(await pairing.role(of: "") == nil)
    clock.pass(.seconds(299))
    #expect(await pairing.token == first)
    clock.pass(.seconds(2))
    let second = await pairing.token
    #expect(second != first)
    #expect(await pairing.role(of: first) == .user)
    clock.pass(.seconds(300))
    #expect(await pairing.role(of: first) == nil)
    #expect(await pairing.role(of: second) == .user)
    // Long after, with nobody who looked meanwhile.
    clock.pass(.seconds(10_000))
    #expect(await pairing.role(of: second) == nil)
  }
}

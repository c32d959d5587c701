import Realtime
import Testing

@testable import Control

@Suite("Terminal sessions")
struct TerminalSessionTests {
  static let welcome = lines("Welcome to Salle Rivoli", "Salle 1.0", "*r Login successful", "", "OK", "")

  @Test("signing in, as drivers know it")
  func login() {
    var terminal = TerminalHarness(role: nil)
    #expect(terminal.read() == "login: ")
    #expect(terminal.exchange("\r\n") == "\r\nlogin: ")
    #expect(terminal.exchange("admin\r\n") == "admin\r\nPassword: ")
    // Nobody sees the password, nor does anything go on before it is known to be right.
    #expect(terminal.exchange("secret \r\nxStatus Audio Volume\r\n") == "\r\n")
    #expect(terminal.logins.map(\.name) == ["admin"] && terminal.logins.map(\.password) == ["secret "])
    terminal.feed(.authenticated(.integrator))
    #expect(terminal.read() == Self.welcome + lines("xStatus Audio Volume", "*s Audio Volume: 50", "** end"))
    #expect(terminal.session.deadline == nil)
  }

  @Test("a driver's whole beginning")
  func beginning() throws {
    var terminal = TerminalHarness(isQuiet: false)
    #expect(terminal.read() == Self.welcome)
    #expect(terminal.exchange("echo off\n") == "echo off\r\nOK\r\n")
    #expect(terminal.exchange("xPreferences outputmode json\n") == "{}\r\n")
    #expect(terminal.exchange("xFeedback register /Status/Audio\nxStatus Audio Volume\n").hasPrefix("{}\r\n{"))
    try terminal.update("Audio Volume", .integer(3))
    #expect(terminal.read().contains("\"Value\": \"3\""))
    #expect(terminal.exchange("bye\n").isEmpty)
    #expect(terminal.isClosed)
    #expect(terminal.exchange("xStatus\n").isEmpty)
  }

  @Test("wrong passwords make one wait longer and longer, and end a connection")
  func wrongPasswords() {
    var terminal = TerminalHarness(role: nil)
    for pause in [1, 2] {
      _ = terminal.exchange("admin\rwrong\r")
      terminal.feed(.authenticated(nil))
      #expect(terminal.read() == "Login incorrect\r\n")
      // What is typed meanwhile is lost.
      #expect(terminal.exchange("admin\rsecret\r").isEmpty)
      terminal.wait(.seconds(pause) - .milliseconds(1))
      #expect(terminal.read().isEmpty)
      terminal.wait(.milliseconds(1))
      #expect(terminal.read() == "\r\nlogin: ")
    }
    _ = terminal.exchange("admin\rwrong\r")
    #expect(!terminal.isClosed)
    terminal.feed(.authenticated(nil))
    #expect(terminal.isClosed)
    #expect(terminal.logins.count == 3)
  }

  @Test("a serial line never ends, but waits up to a minute")
  func serialPasswords() {
    var terminal = TerminalHarness(role: nil, endsWithSession: false)
    for pause in [1, 2, 4, 8, 16, 32, 64, 64, 64] {
      _ = terminal.exchange("a\rb\r")
      terminal.feed(.authenticated(nil))
      #expect(terminal.session.deadline == terminal.now + .seconds(pause))
      terminal.wait(.seconds(pause))
    }
    #expect(!terminal.isClosed)
    terminal.wait(.seconds(86_400))
    _ = terminal.exchange("a\rb\r")
    terminal.feed(.authenticated(.user))
    #expect(terminal.read().hasSuffix(Self.welcome))
    #expect(terminal.exchange("bye\r") == "bye\r\nlogin: ")
    #expect(terminal.exchange("xStatus Audio Volume\r") == "xStatus Audio Volume\r\nPassword: ")
  }

  @Test("whoever doesn't sign in is let go")
  func loginDeadline() {
    var terminal = TerminalHarness(role: nil)
    terminal.wait(.seconds(59))
    _ = terminal.exchange("admin\r")
    #expect(!terminal.isClosed)
    terminal.wait(.seconds(1))
    #expect(terminal.isClosed)
    // A half-open session that was signed in costs nothing, and stays: drivers are silent for hours.
    var silent = TerminalHarness()
    #expect(silent.session.deadline == nil)
    silent.wait(.seconds(1_000_000))
    #expect(silent.exchange("xStatus Audio Volume\r") == lines("*s Audio Volume: 50", "** end"))
  }

  @Test("what a role may not, it can't")
  func roles() {
    var terminal = TerminalHarness(role: .user)
    #expect(terminal.exchange("xStatus SystemUnit Hardware\n").hasPrefix("ERROR\r\n*r Status (status=Error):"))
    #expect(terminal.exchange("xFeedback register /Status/Diagnostics\n").hasPrefix("ERROR\r\n"))
    #expect(
      terminal.exchange("xConfiguration SystemUnit Name: x\n")
        == lines("ERROR", "*r Configuration (status=Error):", "  Reason: \"Permission denied\"", "** end"))
    #expect(!terminal.exchange("xCommand ??\n").contains("Bookings Put"))
  }

  @Test("typing: echo, erasing, breaks, tabs and what isn't text")
  func typing() {
    var terminal = TerminalHarness(isQuiet: false)
    _ = terminal.read()
    #expect(
      terminal.exchange("xStax\u{8}tus é\u{7F}Audio\tVolume\r") == "xStax\u{8} \u{8}tus é\u{8} \u{8}Audio\tVolume\r\n"
        + lines("*s Audio Volume: 50", "** end"))
    #expect(terminal.exchange("\u{8}\u{8}\r") == "\r\n")
    _ = terminal.exchange("echo off\n")
    #expect(terminal.exchange("garbage\u{0}xStatus \u{1B}Audio Volume\r") == lines("*s Audio Volume: 50", "** end"))
    terminal.feed(.received([0xFF, 0xFE, 0x80] + Array("xStatus\r".utf8)))
    #expect(terminal.read() == lines("Command not recognized."))
    #expect(terminal.exchange("xStatus Audio Volume\r") == lines("*s Audio Volume: 50", "** end"))
  }

  @Test("a line of a megabyte is lost, and nothing else")
  func longLine() {
    var terminal = TerminalHarness()
    let part = [UInt8](repeating: UInt8(ascii: "x"), count: 1_024)
    for _ in 0..<1_024 {
      terminal.feed(.received(part))
      #expect(terminal.session.input.waitingCount == 0)
    }
    #expect(terminal.read().isEmpty)
    #expect(
      terminal.exchange("\r\nxStatus Audio Volume\r\n")
        == lines("Command not recognized.", "*s Audio Volume: 50", "** end"))
    let whole = String(repeating: "y", count: 1_048_576) + "\r\n"
    #expect(terminal.exchange(whole) == lines("Command not recognized."))
  }

  @Test("a text that is too long is refused, and one that stops is given up")
  func longBody() {
    var terminal = TerminalHarness()
    _ = terminal.exchange("xCommand Bookings Put\n")
    let part = String(repeating: "x", count: 999) + "\n"
    for _ in 0..<9_000 { terminal.feed(.received(Array(part.utf8))) }
    #expect(terminal.exchange(".\n").contains("Reason: \"Body too long\""))
    #expect(terminal.calls.isEmpty)
    _ = terminal.exchange("xCommand Bookings Put\nhalf\n")
    terminal.wait(.seconds(20))
    _ = terminal.exchange("of it\n")
    terminal.wait(.seconds(20))
    #expect(terminal.read().isEmpty)
    terminal.wait(.seconds(10))
    #expect(terminal.read() == lines("Command not recognized."))
    #expect(terminal.exchange("xStatus Audio Volume\n") == lines("*s Audio Volume: 50", "** end"))
    // One by its length, of which hardly anything comes.
    _ = terminal.exchange("{4000000000}\nxCommand Bookings Put\n")
    terminal.wait(.seconds(30))
    #expect(terminal.read() == lines("Command not recognized."))
    #expect(terminal.exchange("{99999999999999999999}\n") == lines("Command not recognized."))
  }

  @Test("a frame of more than may be is passed over")
  func longFrame() {
    var terminal = TerminalHarness()
    let count = 9 * 1_048_576
    _ = terminal.exchange("{\(count)}\n")
    let part = [UInt8](repeating: UInt8(ascii: "\n"), count: 65_536)
    for _ in 0..<count / 65_536 { terminal.feed(.received(part)) }
    #expect(
      terminal.exchange("xStatus Audio Volume\n") == lines("Command not recognized.", "*s Audio Volume: 50", "** end"))
  }

  @Test("a thousand commands at once are all done, in order")
  func thousand() {
    var terminal = TerminalHarness()
    let text = (0..<1_000).map { "xCommand Audio Volume Set Level: \($0 % 101) | resultId=\"\($0)\"\r\n" }.joined()
    let answer = terminal.exchange(text)
    #expect(terminal.calls.map { $0.integer("Level") } == (0..<1_000).map { $0 % 101 })
    let expected = (0..<1_000).map {
      lines("OK", "*r AudioVolumeSetResult (status=OK):", "** resultId: \"\($0)\"", "** end")
    }
    #expect(answer == expected.joined())
  }

  @Test("while a command is being done the rest waits, without bound only for a while")
  func waiting() {
    var terminal = TerminalHarness()
    terminal.holdsCommands = true
    #expect(terminal.exchange("xCommand Dial Number: a\nxStatus Audio Volume\n").isEmpty)
    #expect(terminal.session.isReadable)
    terminal.answerHeld()
    #expect(terminal.read() == lines("OK", "*r DialResult (status=OK):", "** end", "*s Audio Volume: 50", "** end"))
    // One that is never answered.
    _ = terminal.exchange("xCommand Dial Number: a\nxStatus Audio Volume\n")
    terminal.wait(.seconds(10))
    #expect(
      terminal.read()
        == lines(
          "ERROR", "*r DialResult (status=Error):", "  Reason: \"Timed out\"", "** end", "*s Audio Volume: 50", "** end"
        ))
    terminal.answerHeld()
    #expect(terminal.read().isEmpty)
    // A peer that goes on sending although it isn't read.
    _ = terminal.exchange("xCommand Dial Number: a\n")
    let part = [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
    for _ in 0..<4 { terminal.feed(.received(part)) }
    #expect(!terminal.session.isReadable)
    for _ in 0..<12 { terminal.feed(.received(part)) }
    #expect(!terminal.isClosed)
    terminal.feed(.received(part))
    #expect(terminal.isClosed)
  }

  @Test("random garbage harms nothing", arguments: 1...8)
  func garbage(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var terminal = TerminalHarness(role: seed % 2 == 0 ? .admin : nil, endsWithSession: false)
    let pieces = [
      "xCommand", "xStatus ", "xConfiguration ", "Audio Volume", ": ", "\"", "|", " resultId=", "\r", "\n",
      "xFeedback register ",
      "/Status", "//", "[1]", "{5}", "?", "echo on", "xPreferences outputmode json\r", "Bookings Put\r", ".\r", "bye",
    ]
    for _ in 0..<4_000 {
      if Bool.random(using: &random) {
        terminal.feed(.received(Array((pieces.randomElement(using: &random) ?? "").utf8)))
      } else {
        terminal.feed(
          .received((0..<Int.random(in: 0...32, using: &random)).map { _ in .random(in: 0...255, using: &random) }))
      }
      if terminal.logins.count > 0 {
        terminal.logins = []
        terminal.feed(.authenticated(Bool.random(using: &random) ? .user : nil))
      }
      if Int.random(in: 0..<50, using: &random) == 0 { terminal.wait(.seconds(Int.random(in: 1...40, using: &random))) }
      _ = terminal.read()
      #expect(terminal.session.input.waitingCount <= TerminalLimits.waitingLength)
    }
    // Whatever state it is in: a pause, a break, and it takes commands again.
    terminal.wait(.seconds(100))
    _ = terminal.exchange("\u{0}\r.\rbye\r")
    if !terminal.logins.isEmpty { terminal.feed(.authenticated(nil)) }
    terminal.wait(.seconds(100))
    _ = terminal.read()
    if seed % 2 == 0 {
      #expect(terminal.exchange("\u{0}echo off\rxStatus Audio Volume\r").hasSuffix("*s Audio Volume: 50\r\n** end\r\n"))
    } else {
      #expect(terminal.exchange("\u{0}\r").hasSuffix("login: "))
    }
  }
}

import Catalogue

@testable import Control

typealias TerminalHarness = ControlHarness<TerminalSession>

extension ControlHarness where Session == TerminalSession {
  /// A session that is signed in, without echo, its welcome read.
  init(
    role: ControlRole? = .admin, endsWithSession: Bool = true, language: Language = .english, isQuiet: Bool = true
  ) {
    self.init(
      TerminalSession(
        options: TerminalOptions(
          endsWithSession: endsWithSession, role: role, language: language, name: "Salle Rivoli", version: "1.0")))
    guard isQuiet, role != nil else { return }
    _ = exchange("echo off\r")
  }

  /// What the session has sent since this was last called.
  mutating func read() -> String {
    defer { sent = [] }
    return String(decoding: sent.joined(), as: UTF8.self)
  }

  /// Sends `text` and gives what comes back.
  mutating func exchange(_ text: String) -> String {
    feed(.received(Array(text.utf8)))
    return read()
  }
}

/// Lines, each ended by CRLF.
func lines(_ lines: String...) -> String { lines.map { $0 + "\r\n" }.joined() }

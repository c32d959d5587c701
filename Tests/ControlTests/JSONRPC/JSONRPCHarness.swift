import Catalogue

@testable import Control

typealias JSONRPCHarness = ControlHarness<JSONRPCSession>

extension ControlHarness where Session == JSONRPCSession {
  init(role: ControlRole = .admin) {
    self.init(JSONRPCSession(role: role, language: .english))
  }

  /// The messages sent since this was last called.
  mutating func read() -> [String] {
    defer { sent = [] }
    return sent.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Sends a message and gives what comes back.
  mutating func exchange(_ text: String) -> [String] {
    feed(.received(Array(text.utf8)))
    return read()
  }
}

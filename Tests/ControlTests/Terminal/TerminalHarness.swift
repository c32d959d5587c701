import Catalogue
import Realtime

@testable import Control

/// A terminal session and a store, as a centre would have them, in virtual time and without threads.
struct TerminalHarness {
  var session: TerminalSession
  var store = ControlStore(tree: .room)
  var now = Instant(nanoseconds: 0)
  /// What the session sent since it was last asked.
  private var sent: [UInt8] = []
  private(set) var isClosed = false
  /// Commands that were done.
  private(set) var calls: [ControlCall] = []
  /// What commands answer, by their paths.
  var answers: [String: Result<[ControlLeaf], ControlError>] = [:]
  /// Commands that aren't answered until `answerHeld`.
  var holdsCommands = false
  private var held: [Int] = []
  /// The most that was asked of the session at once.
  var logins: [(name: String, password: String)] = []

  /// A session that is signed in, without echo, its welcome read.
  init(
    role: ControlRole? = .admin, endsWithSession: Bool = true, language: Language = .english, isQuiet: Bool = true
  ) {
    session = TerminalSession(
      options: TerminalOptions(
        endsWithSession: endsWithSession, role: role, language: language, name: "Salle Rivoli", version: "1.0"))
    feed(.opened)
    guard isQuiet, role != nil else { return }
    _ = exchange("echo off\r")
  }

  mutating func feed(_ input: ControlSessionInput) {
    var inputs = [input]
    while !inputs.isEmpty {
      for action in session.handle(inputs.removeFirst(), at: now) {
        switch action {
        case .send(let bytes): sent += bytes
        case .close: isClosed = true
        case .authenticate(let name, let password): logins.append((name, password))
        case .perform(let request, let role, let number):
          perform(request, role, number, &inputs)
        }
      }
    }
  }

  private mutating func perform(
    _ request: ControlRequest, _ role: ControlRole, _ number: Int, _ inputs: inout [ControlSessionInput]
  ) {
    do throws(ControlError) {
      switch request {
      case .get(let query):
        inputs.append(.answered(number, .success(.values(try store.leaves(query, role: role)))))
      case .set(let path, let text):
        let change = try store.set(path, to: text, role: role)
        inputs.append(.answered(number, .success(.set)))
        if !change.isEmpty { inputs.append(.changed(change)) }
      case .run(let call):
        calls.append(call)
        if holdsCommands { return held.append(number) }
        let leaves = try (answers[store.tree.nodes[call.node].path.name] ?? .success([])).get()
        inputs.append(.answered(number, .success(.done(leaves))))
      }
    } catch {
      inputs.append(.answered(number, .failure(error)))
    }
  }

  /// Answers the commands that were held.
  mutating func answerHeld() {
    for number in held { feed(.answered(number, .success(.done([])))) }
    held = []
  }

  /// What the session has sent since this was last called.
  mutating func read() -> String {
    defer { sent = [] }
    return String(decoding: sent, as: UTF8.self)
  }

  /// Sends `text` and gives what comes back.
  mutating func exchange(_ text: String) -> String {
    feed(.received(Array(text.utf8)))
    return read()
  }

  mutating func update(_ path: String, _ value: ControlValue?) throws {
    guard let path = ControlPath(path) else { throw ControlError.invalidStatus }
    feed(.changed(try store.update([(path, value)])))
  }

  mutating func remove(_ path: String) throws {
    guard let path = ControlPath(path) else { throw ControlError.invalidStatus }
    feed(.changed(store.remove(path)))
  }

  mutating func raise(_ path: NodePath, _ fields: [(String, ControlValue)]) throws {
    feed(.changed(try store.event(path, fields)))
  }

  mutating func wait(_ duration: Duration) {
    now = now + duration
    if let deadline = session.deadline, deadline <= now { feed(.woken) }
  }
}

/// Lines, each ended by CRLF.
func lines(_ lines: String...) -> String { lines.map { $0 + "\r\n" }.joined() }

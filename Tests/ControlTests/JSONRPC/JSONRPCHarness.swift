import Catalogue
import Realtime

@testable import Control

/// A JSON-RPC session and a store, as a centre would have them, in virtual time and without threads.
struct JSONRPCHarness {
  var session: JSONRPCSession
  var store = ControlStore(tree: .room)
  var now = Instant(nanoseconds: 0)
  private var sent: [String] = []
  private(set) var isClosed = false
  private(set) var calls: [ControlCall] = []
  /// What commands answer, by their paths.
  var answers: [String: Result<[ControlLeaf], ControlError>] = [:]
  /// Whether commands are never answered.
  var holdsCommands = false

  init(role: ControlRole = .admin) {
    session = JSONRPCSession(role: role, language: .english)
    feed(.opened)
  }

  mutating func feed(_ input: ControlSessionInput) {
    var inputs = [input]
    while !inputs.isEmpty {
      for action in session.handle(inputs.removeFirst(), at: now) {
        switch action {
        case .send(let bytes): sent.append(String(decoding: bytes, as: UTF8.self))
        case .close: isClosed = true
        case .authenticate: break
        case .perform(let request, let role, let number): perform(request, role, number, &inputs)
        }
      }
    }
  }

  private mutating func perform(
    _ request: ControlRequest, _ role: ControlRole, _ number: Int, _ inputs: inout [ControlSessionInput]
  ) {
    do throws(ControlError) {
      switch request {
      case .get(let query): inputs.append(.answered(number, .success(.values(try store.leaves(query, role: role)))))
      case .set(let path, let text):
        let change = try store.set(path, to: text, role: role)
        inputs.append(.answered(number, .success(.set)))
        if !change.isEmpty { inputs.append(.changed(change)) }
      case .run(let call):
        calls.append(call)
        if holdsCommands { return }
        let leaves = try (answers[store.tree.nodes[call.node].path.name] ?? .success([])).get()
        inputs.append(.answered(number, .success(.done(leaves))))
      }
    } catch {
      inputs.append(.answered(number, .failure(error)))
    }
  }

  /// The messages sent since this was last called.
  mutating func read() -> [String] {
    defer { sent = [] }
    return sent
  }

  /// Sends a message and gives what comes back.
  mutating func exchange(_ text: String) -> [String] {
    feed(.received(Array(text.utf8)))
    return read()
  }

  mutating func update(_ path: String, _ value: ControlValue?) throws {
    guard let path = ControlPath(path) else { throw ControlError.invalidStatus }
    feed(.changed(try store.update([(path, value)])))
  }

  mutating func wait(_ duration: Duration) {
    now = now + duration
    if let deadline = session.deadline, deadline <= now { feed(.woken) }
  }
}

import Realtime

@testable import Control

/// A session and a store, as a centre would have them, in virtual time and without threads.
struct ControlHarness<Session: ControlSession> {
  var session: Session
  var store = ControlStore(tree: .room)
  var now = Instant(nanoseconds: 0)
  /// What the session sent since it was last asked.
  var sent: [[UInt8]] = []
  private(set) var isClosed = false
  /// Commands that were done.
  private(set) var calls: [ControlCall] = []
  /// What commands answer, by their paths.
  var answers: [String: Result<[ControlLeaf], ControlError>] = [:]
  /// Commands that aren't answered until `answerHeld`.
  var holdsCommands = false
  private var held: [Int] = []
  /// Who asked to be let in.
  var logins: [(name: String, password: String)] = []

  /// Opens `session`.
  init(_ session: Session) {
    self.session = session
    feed(.opened)
  }

  mutating func feed(_ input: ControlSessionInput) {
    var inputs = [input]
    while !inputs.isEmpty {
      for action in session.handle(inputs.removeFirst(), at: now) {
        switch action {
        case .send(let bytes): sent.append(bytes)
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

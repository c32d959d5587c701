import Realtime

/// The one owner of the room's values and of all sessions: what it does comes one after the other, so that a query's
/// answer and the feedback that follows it never change places.
///
/// Commands are done by handlers that are given from outside. A session sends the next when the one before is answered.
public actor ControlCenter {
  /// Does a command. Returns what it answers, in places below the command's result. What takes long, such as joining a
  /// meeting, is only begun here, and states tell how it goes on: until the answer the session does nothing else.
  public typealias Handler = @Sendable (ControlCall) async throws(ControlError) -> [ControlLeaf]
  /// Finds out who somebody is; nil when the name or password is wrong. Guards against guessing, too.
  public typealias Authenticator = @Sendable (_ name: String, _ password: String) async -> ControlRole?
  /// Sends to a session's peer; without bytes: ends the connection. False when the peer doesn't take what it is sent: the
  /// session ends then.
  public typealias Outlet = @Sendable (_ bytes: [UInt8]?) -> Bool
  /// Is told of a change.
  public typealias Observer = @Sendable (ControlChange) -> Void

  /// More sessions than a building has panels.
  public static let maximumSessionCount = 256

  private struct Hosted {
    var session: any ControlSession
    let outlet: Outlet
  }

  private var store: ControlStore
  private let authenticator: Authenticator
  private let clock: @Sendable () -> Instant
  private var handlers: [Int: Handler] = [:]
  private var observers: [Observer] = []
  private var sessions: [Int: Hosted] = [:]
  private var nextSession = 1

  /// A centre without handlers and sessions.
  /// - Parameters:
  ///   - clock: the time; a test gives its own.
  public init(
    tree: ControlTree = .room, authenticator: @escaping Authenticator,
    clock: @escaping @Sendable () -> Instant = { MonotonicClock.now }
  ) {
    store = ControlStore(tree: tree)
    self.authenticator = authenticator
    self.clock = clock
  }

  // MARK: The room's side

  /// Lets `handler` do a command from now on.
  /// - Throws: `invalidPath` when the tree declares no such command.
  public func handle(_ command: NodePath, with handler: @escaping Handler) throws(ControlError) {
    guard let index = store.tree.index(of: .command, command) else {
      throw .unknownCommand(command.components.map(\.name))
    }
    handlers[index] = handler
  }

  /// The commands that nobody does yet.
  public var unhandledCommands: [NodePath] {
    store.tree.indices(of: .command).filter { handlers[$0] == nil }.map { store.tree.nodes[$0].path }
  }

  /// Is told of every change from now on, in order. It must not block.
  public func observe(_ observer: @escaping Observer) { observers.append(observer) }

  /// Says how things stand now; see `ControlStore.update`.
  public func update(_ states: [(ControlPath, ControlValue?)]) throws(ControlError) {
    tell(try store.update(states))
  }

  /// Removes an item of a list of states; see `ControlStore.remove`.
  public func remove(_ item: ControlPath) { tell(store.remove(item)) }

  /// Tells of an event; see `ControlStore.event`.
  public func raise(_ event: NodePath, _ fields: [(String, ControlValue)]) throws(ControlError) {
    tell(try store.event(event, fields))
  }

  /// The value of the setting or state at a place.
  public func value(_ document: ControlDocument, _ path: ControlPath) -> ControlValue? { store.value(document, path) }

  // MARK: Requests

  /// Does what is asked, as `role`.
  public func perform(_ request: ControlRequest, role: ControlRole) async throws(ControlError) -> ControlAnswer {
    if let answer = try answerAtOnce(request, role) { return answer }
    guard case .run(let call) = request else { throw .notReady }
    return .done(try await run(call, role))
  }

  /// Reads and sets; nil when it is a command, which may take time.
  private func answerAtOnce(_ request: ControlRequest, _ role: ControlRole) throws(ControlError) -> ControlAnswer? {
    switch request {
    case .get(let query): return .values(try store.leaves(query, role: role))
    case .set(let path, let text):
      tell(try store.set(path, to: text, role: role))
      return .set
    case .run: return nil
    }
  }

  private func run(_ call: ControlCall, _ role: ControlRole) async throws(ControlError) -> [ControlLeaf] {
    let node = store.tree.nodes[call.node]
    guard role >= node.role else { throw .forbidden }
    guard let handler = handlers[call.node] else { throw .notReady }
    let leaves = try await handler(call)
    for leaf in leaves {
      let declared = node.results.first { leaf.path.items(in: $0.path) != nil }
      guard declared?.space.contains(leaf.value) == true else { throw .invalidResponse }
    }
    return leaves
  }

  // MARK: Sessions

  /// Takes a peer in.
  /// - Returns: the session's number; nil when there are as many as there may be.
  public func open(_ session: any ControlSession, outlet: @escaping Outlet) -> Int? {
    guard sessions.count < Self.maximumSessionCount else { return nil }
    let number = nextSession
    nextSession += 1
    sessions[number] = Hosted(session: session, outlet: outlet)
    feed(.opened, to: number)
    return number
  }

  /// Takes in what a peer sent.
  public func receive(_ bytes: [UInt8], from session: Int) { feed(.received(bytes), to: session) }

  /// Lets go of a session whose peer is gone. What it had begun goes on.
  public func close(_ session: Int) { sessions[session] = nil }

  /// Wakes sessions whose deadline is reached.
  /// - Returns: when to call again at the latest; nil when nothing is due.
  public func wake() -> Instant? {
    let now = clock()
    for (number, hosted) in sessions where hosted.session.deadline.map({ $0 <= now }) == true {
      feed(.woken, to: number)
    }
    return sessions.values.compactMap(\.session.deadline).min()
  }

  /// Whether a session can take more bytes; false too when it is no more.
  public func isReadable(_ session: Int) -> Bool { sessions[session]?.session.isReadable ?? false }

  /// How many sessions there are.
  public var sessionCount: Int { sessions.count }

  private func tell(_ change: ControlChange) {
    guard !change.isEmpty else { return }
    for observer in observers { observer(change) }
    for number in sessions.keys.sorted() { feed(.changed(change), to: number) }
  }

  /// Hands `input` to a session and does what it then wants. What can be answered at once comes back to it before anything
  /// else happens.
  private func feed(_ input: ControlSessionInput, to number: Int) {
    var inputs = [input]
    while !inputs.isEmpty {
      guard var hosted = sessions[number] else { return }
      let next = inputs.removeFirst()
      let actions = hosted.session.handle(next, at: clock())
      sessions[number] = hosted
      for action in actions {
        // What was done before may have ended it.
        guard sessions[number] != nil else { return }
        switch action {
        case .send(let bytes):
          // Whoever doesn't read would be owed more and more.
          guard hosted.outlet(bytes) else { return end(number, hosted) }
        case .close: return end(number, hosted)
        case .authenticate(let name, let password): authenticate(name, password, for: number)
        case .perform(let request, let role, let tag):
          do throws(ControlError) {
            if let answer = try answerAtOnce(request, role) {
              inputs.append(.answered(tag, .success(answer)))
            } else {
              begin(request, role, tag, for: number)
            }
          } catch {
            inputs.append(.answered(tag, .failure(error)))
          }
        }
      }
    }
  }

  private func end(_ number: Int, _ hosted: Hosted) {
    sessions[number] = nil
    _ = hosted.outlet(nil)
  }

  private func begin(_ request: ControlRequest, _ role: ControlRole, _ tag: Int, for number: Int) {
    Task {
      do throws(ControlError) {
        feed(.answered(tag, .success(try await perform(request, role: role))), to: number)
      } catch {
        feed(.answered(tag, .failure(error)), to: number)
      }
    }
  }

  private func authenticate(_ name: String, _ password: String, for number: Int) {
    Task { feed(.authenticated(await authenticator(name, password)), to: number) }
  }
}

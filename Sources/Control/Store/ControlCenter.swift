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
  /// Stores settings' new values, all or none, before anybody hears that they are set. What it throws is the answer, and
  /// they aren't set then.
  public typealias Keeper = @Sendable ([ControlLeaf]) throws(ControlError) -> Void
  /// Is told of a change.
  public typealias Observer = @Sendable (ControlChange) -> Void
  /// Is told that `wake` has to be called earlier than it said last.
  public typealias Alarm = @Sendable (Instant) -> Void

  /// More sessions than a building has panels.
  public static let maximumSessionCount = 256

  private struct Hosted {
    var session: any ControlSession
    let outlet: Outlet
    /// Who waits for it to take more bytes.
    var waiters: [CheckedContinuation<Bool, Never>] = []
  }

  private var store: ControlStore
  private let authenticator: Authenticator
  private let keeper: Keeper
  private let clock: @Sendable () -> Instant
  private var handlers: [Int: Handler] = [:]
  private var observers: [Observer] = []
  private var sessions: [Int: Hosted] = [:]
  private var nextSession = 1
  private var alarms: [Alarm] = []
  /// When `wake` will be called, as far as is known.
  private var nextWake = Instant.distantFuture

  /// A centre without handlers and sessions.
  /// - Parameters:
  ///   - settings: what was stored; what isn't named has its standard value, and so has what the tree doesn't know or
  ///     allow: whoever gives them should have looked (`ControlStore.setting`).
  ///   - keeper: stores settings; without it they last as long as the centre.
  ///   - clock: the time; a test gives its own.
  public init(
    tree: ControlTree = .room, settings: [ControlLeaf] = [], authenticator: @escaping Authenticator,
    keeper: @escaping Keeper = { _ in }, clock: @escaping @Sendable () -> Instant = { MonotonicClock.now }
  ) {
    store = ControlStore(tree: tree)
    for setting in settings { _ = try? store.set([setting], role: .admin) }
    self.authenticator = authenticator
    self.keeper = keeper
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

  /// Is told from now on when `wake` is due earlier than before. It must not block.
  public func observeDeadlines(_ alarm: @escaping Alarm) {
    alarms.append(alarm)
    if nextWake < .distantFuture { alarm(nextWake) }
  }

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

  /// Finds out who somebody is, for faces whose peers sign in before a session begins; nil when the name or password is
  /// wrong.
  public func role(name: String, password: String) async -> ControlRole? { await authenticator(name, password) }

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
      try keep { store throws(ControlError) in try store.set(path, to: text, role: role) }
      return .set
    case .run: return nil
    }
  }

  /// Sets several settings, all or none: what is wrong with one of them is thrown, and nothing is set.
  public func set(_ settings: [ControlLeaf], role: ControlRole) throws(ControlError) {
    try keep { store throws(ControlError) in try store.set(settings, role: role) }
  }

  /// Sets a setting if it still has the value that whoever asks has seen.
  /// - Returns: whether it had; else nothing is set.
  public func set(
    _ path: ControlPath, to text: String, ifStill seen: ControlValue, role: ControlRole
  ) throws(ControlError) -> Bool {
    guard store.value(.configuration, path) == seen else { return false }
    _ = try answerAtOnce(.set(path, text), role)
    return true
  }

  private func keep(_ set: (inout ControlStore) throws(ControlError) -> ControlChange) throws(ControlError) {
    var next = store
    let change = try set(&next)
    guard !change.isEmpty else { return }
    try keeper(change.entries.map(\.leaf))
    store = next
    tell(change)
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
  public func close(_ session: Int) { drop(session) }

  /// Wakes sessions whose deadline is reached.
  /// - Returns: when to call again at the latest; nil when nothing is due.
  public func wake() -> Instant? {
    let now = clock()
    let due = sessions.keys.filter { sessions[$0]?.session.deadline.map { $0 <= now } == true }
    for number in due { feed(.woken, to: number) }
    let next = sessions.values.compactMap(\.session.deadline).min()
    nextWake = next ?? .distantFuture
    return next
  }

  /// Whether a session can take more bytes; false too when it is no more.
  public func isReadable(_ session: Int) -> Bool { sessions[session]?.session.isReadable ?? false }

  /// Waits until a session can take more bytes; false when it is no more.
  public func readable(_ session: Int) async -> Bool {
    guard let hosted = sessions[session] else { return false }
    if hosted.session.isReadable { return true }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        // It was cancelled already, or the session has ended.
        guard !Task.isCancelled, sessions[session] != nil else { return waiter.resume(returning: false) }
        sessions[session]?.waiters.append(waiter)
      }
    } onCancel: {
      Task { await self.stopWaiting(session) }
    }
  }

  private func stopWaiting(_ session: Int) {
    for waiter in sessions[session]?.waiters ?? [] { waiter.resume(returning: false) }
    sessions[session]?.waiters = []
  }

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
      // In its place: a copy of a session would copy all that waits in it.
      guard let actions = sessions[number]?.session.handle(inputs.removeFirst(), at: clock()) else { return }
      meetWaiters(number)
      for action in actions {
        // What was done before may have ended it.
        guard sessions[number] != nil else { return }
        switch action {
        case .send(let bytes):
          // Whoever doesn't read would be owed more and more.
          guard sessions[number]?.outlet(bytes) == true else { return end(number) }
        case .close: return end(number)
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

  /// After a session has taken something in: who waited for it may go on, and its deadline may have come nearer.
  private func meetWaiters(_ number: Int) {
    guard let hosted = sessions[number] else { return }
    if !hosted.waiters.isEmpty, hosted.session.isReadable {
      sessions[number]?.waiters = []
      for waiter in hosted.waiters { waiter.resume(returning: true) }
    }
    if let deadline = hosted.session.deadline, deadline < nextWake {
      nextWake = deadline
      for alarm in alarms { alarm(deadline) }
    }
  }

  private func drop(_ number: Int) {
    for waiter in sessions.removeValue(forKey: number)?.waiters ?? [] { waiter.resume(returning: false) }
  }

  private func end(_ number: Int) {
    let outlet = sessions[number]?.outlet
    drop(number)
    _ = outlet?(nil)
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

import Catalogue
import Realtime

/// One peer that speaks JSON-RPC over a WebSocket, as the client libraries for control systems do. The transport has found
/// out already who it is.
///
/// A pure state machine: whole messages, answers and changes in, messages and requests out. It does one request at a
/// time; others wait, up to `JSONRPCSession.waitingLength`.
public struct JSONRPCSession: ControlSession {
  /// Subscriptions a session.
  public static let maximumSubscriptionCount = 50
  /// The longest message, bytes: what a command's body may have, and what is around it.
  public static let maximumMessageLength = 9 * 1_048_576
  /// What may wait while a request is being done, bytes; from a quarter of it on the session asks for no more.
  static let waitingLength = 1_048_576
  /// How long a request may take.
  static let requestTime = Duration.seconds(10)
  /// Between a subscription's answer and its first values: client libraries know a subscription only a moment after they
  /// have read the answer.
  static let firstValuesDelay = Duration.milliseconds(50)

  /// What is being done for the peer.
  private struct Pending {
    /// What the answer looks like.
    enum Shape {
      case value(ControlQuery)
      case document(ControlDocument)
      case set
      case result
      case firstValues(Int)
    }

    let number: Int
    let id: JSONValue?
    let shape: Shape
    let deadline: Instant
  }

  private let tree: ControlTree
  private let role: ControlRole
  private let language: Language
  private var subscriptions: [(id: Int, query: ControlQuery)] = []
  private var pending: Pending?
  private var waiting: [[UInt8]] = []
  private var waitingBytes = 0
  /// Subscriptions whose present values are still to be told, and when.
  private var firstValues: [(id: Int, query: ControlQuery, due: Instant)] = []
  private var actions: [ControlSessionAction] = []
  private var isOver = false
  private var nextNumber = 1
  private var nextSubscription = 1
  private var now = Instant(nanoseconds: 0)

  /// A session of a peer that may do what `role` may.
  /// - Parameters:
  ///   - language: that of descriptions.
  public init(tree: ControlTree = .room, role: ControlRole, language: Language = .french) {
    self.tree = tree
    self.role = role
    self.language = language
  }

  // MARK: ControlSession

  /// Takes in what happened, and says what is to be done, in order.
  public mutating func handle(_ event: ControlSessionInput, at now: Instant) -> [ControlSessionAction] {
    self.now = now
    switch event {
    case .received(let bytes): receive(bytes)
    case .answered(let number, let answer):
      guard let pending, pending.number == number else { break }
      self.pending = nil
      write(answer, to: pending)
    case .changed(let change): tell(change)
    case .opened, .authenticated, .woken: break
    }
    if let pending, pending.deadline <= now {
      self.pending = nil
      write(.failure(.failed(reason: "Timed out")), to: pending)
    }
    work()
    defer { actions = [] }
    return actions
  }

  /// When it wants to be woken at the latest.
  public var deadline: Instant? {
    // What comes next waits for what is being done.
    pending?.deadline ?? firstValues.first?.due
  }

  /// Whether it can take more messages now.
  public var isReadable: Bool { waitingBytes < Self.waitingLength / 4 }

  // MARK: Receiving

  private mutating func receive(_ bytes: [UInt8]) {
    guard !isOver else { return }
    let isTooMuch = pending != nil && waitingBytes + bytes.count > Self.waitingLength
    guard bytes.count <= Self.maximumMessageLength, !isTooMuch else {
      isOver = true
      waiting = []
      waitingBytes = 0
      return actions.append(.close)
    }
    waiting.append(bytes)
    waitingBytes += bytes.count
  }

  private mutating func work() {
    var count = 0
    while pending == nil, !isOver {
      if let first = firstValues.first, first.due <= now {
        firstValues.removeFirst()
        perform(.get(first.query), .firstValues(first.id), id: nil)
      } else if count < waiting.count {
        waitingBytes -= waiting[count].count
        read(waiting[count])
        count += 1
      } else {
        break
      }
    }
    waiting.removeFirst(min(count, waiting.count))
  }

  private mutating func read(_ bytes: [UInt8]) {
    guard let value = try? JSONReader.value(of: bytes) else { return fail(.null, .parseError) }
    do throws(JSONRPCFailure) {
      let request = try JSONRPCRequest(value)
      do throws(JSONRPCFailure) { try run(request) } catch { fail(request.id, error) }
    } catch {
      fail(value["id"].flatMap { $0.string ?? $0.integer.map(String.init) } == nil ? .null : value["id"], error)
    }
  }

  private mutating func run(_ request: JSONRPCRequest) throws(JSONRPCFailure) {
    let parameters = request.parameters
    switch request.method {
    case "xGet":
      let query = try query(parameters["Path"], hasWildcards: false)
      perform(.get(query), .value(query), id: request.id)
    case "xQuery":
      let query = try query(parameters["Query"], hasWildcards: true)
      perform(.get(query), .document(query.document), id: request.id)
    case "xSet": try set(parameters, id: request.id)
    case "xFeedback/Subscribe": try subscribe(parameters, id: request.id)
    case "xFeedback/Unsubscribe":
      guard let id = parameters["Id"]?.integer, subscriptions.contains(where: { $0.id == id }) else {
        throw .invalidParameters
      }
      subscriptions.removeAll { $0.id == id }
      firstValues.removeAll { $0.id == id }
      answer(request.id, true)
    case "xDoc":
      let query = try query(parameters["Path"], hasWildcards: false, takesCommands: true)
      guard let schema = DocumentSchema(tree: tree, language: language, role: role).value(at: query) else {
        throw JSONRPCFailure(.noMatch(query.xpath))
      }
      answer(request.id, schema)
    default: try command(request)
    }
  }

  // MARK: Requests

  private mutating func command(_ request: JSONRPCRequest) throws(JSONRPCFailure) {
    var words = request.method.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard words.removeFirst() == "xCommand" else { throw JSONRPCFailure(.unknownMethod) }
    guard case .object(let members) = request.parameters else { throw .invalidParameters }
    var arguments: [(name: String, value: String)] = []
    for member in members where member.name != "body" && member.value != .null {
      for value in member.value.array ?? [member.value] {
        guard let text = value.argumentText else { throw JSONRPCFailure(.parameters([.invalid(member.name)])) }
        arguments.append((member.name, text))
      }
    }
    do throws(ControlError) {
      perform(
        .run(try tree.call(words, arguments, body: request.parameters["body"]?.string)), .result, id: request.id)
    } catch {
      throw JSONRPCFailure(error)
    }
  }

  private mutating func set(_ parameters: JSONValue, id: JSONValue?) throws(JSONRPCFailure) {
    guard let words = Self.words(parameters["Path"]), let text = parameters["Value"]?.argumentText else {
      throw .invalidParameters
    }
    let place = words.dropFirst()
    guard words.first.flatMap({ ControlDocument(name: $0) }) == .configuration, let path = ControlPath(words: place)
    else { throw JSONRPCFailure(.noMatch(words.joined(separator: "/"))) }
    perform(.set(path, text), .set, id: id)
  }

  private mutating func subscribe(_ parameters: JSONValue, id: JSONValue?) throws(JSONRPCFailure) {
    let query = try query(parameters["Query"], hasWildcards: true, takesEvents: true)
    guard tree.declares(query, for: role) else { throw JSONRPCFailure(.noMatch(query.xpath)) }
    guard subscriptions.count < Self.maximumSubscriptionCount else { throw JSONRPCFailure(.tooManySubscriptions) }
    let subscription = nextSubscription
    nextSubscription += 1
    subscriptions.append((subscription, query))
    answer(id, ["Id": .integer(subscription)])
    if parameters["NotifyCurrentValue"] == true, query.document != .event {
      firstValues.append((subscription, query, now + Self.firstValuesDelay))
    }
  }

  /// The query that an array of words and items' numbers spells, its document first.
  private func query(
    _ value: JSONValue?, hasWildcards: Bool, takesEvents: Bool = false, takesCommands: Bool = false
  ) throws(JSONRPCFailure) -> ControlQuery {
    guard let words = Self.words(value) else { throw .invalidParameters }
    let xpath = words.joined(separator: "/")
    // All documents at once: the first word is a wildcard. Nothing tells them apart then.
    guard let query = ControlQuery(expression: xpath) else { throw JSONRPCFailure(.noMatch(xpath)) }
    let isTaken =
      switch query.document {
      case .configuration, .status: true
      case .event: takesEvents || takesCommands
      case .command: takesCommands
      }
    guard isTaken, hasWildcards || !query.components.contains(.anyDepth) else {
      throw JSONRPCFailure(.noMatch(xpath))
    }
    return query
  }

  private static func words(_ value: JSONValue?) -> [String]? {
    guard let parts = value?.array, parts.count <= ControlQuery.maximumComponentCount * 2 else { return nil }
    let words = parts.compactMap { $0.string ?? $0.integer.map(String.init) }
    return words.count == parts.count ? words : nil
  }

  private mutating func perform(_ request: ControlRequest, _ shape: Pending.Shape, id: JSONValue?) {
    let number = nextNumber
    nextNumber += 1
    pending = Pending(number: number, id: id, shape: shape, deadline: now + Self.requestTime)
    actions.append(.perform(request, role: role, number: number))
  }

  // MARK: Sending

  private mutating func send(_ value: JSONValue) {
    guard !isOver else { return }
    actions.append(.send(Array(value.compact.utf8)))
  }

  private mutating func answer(_ id: JSONValue?, _ result: JSONValue) {
    guard let id else { return }
    send(["jsonrpc": "2.0", "id": id, "result": result])
  }

  private mutating func fail(_ id: JSONValue?, _ failure: JSONRPCFailure) {
    guard let id else { return }
    send(["jsonrpc": "2.0", "id": id, "error": failure.value])
  }

  private mutating func write(_ answer: Result<ControlAnswer, ControlError>, to pending: Pending) {
    switch (pending.shape, answer) {
    case (.firstValues(let subscription), .success(.values(let leaves))):
      guard let query = subscriptions.first(where: { $0.id == subscription })?.query, !leaves.isEmpty else { return }
      notify(subscription, .document(query.document, leaves))
    case (.firstValues, _): break
    case (.value(let query), .success(.values(let leaves))):
      self.answer(pending.id, ControlElement.document(query.document, leaves).value(at: query.components[...]))
    case (.document(let document), .success(.values(let leaves))):
      let root = ControlElement.document(document, leaves)
      self.answer(pending.id, root.children.isEmpty ? [:] : .object([.init(root.name, root.bareJSON)]))
    case (.set, .success): self.answer(pending.id, true)
    case (.result, .success(.done(let leaves))): self.answer(pending.id, ControlElement.result("", leaves).bareJSON)
    case (_, .failure(let error)): fail(pending.id, JSONRPCFailure(error))
    case (_, .success): fail(pending.id, JSONRPCFailure(.invalidResponse))
    }
  }

  private mutating func tell(_ change: ControlChange) {
    for (id, query) in subscriptions {
      guard let part = change.part(for: [query], role: role, in: tree) else { continue }
      notify(id, .change(part, in: tree))
    }
  }

  private mutating func notify(_ subscription: Int, _ root: ControlElement) {
    let parameters: JSONValue = .object([.init("Id", .integer(subscription)), .init(root.name, root.bareJSON)])
    send(["jsonrpc": "2.0", "method": "xFeedback/Event", "params": parameters])
  }
}

extension JSONValue {
  /// The text of an argument or a setting's value; nil when it isn't one.
  fileprivate var argumentText: String? {
    switch self {
    case .string(let text): text
    case .integer(let number): String(number)
    case .number(let number): String(number)
    case .boolean(let value): value ? "True" : "False"
    case .null, .array, .object: nil
    }
  }
}

extension ControlElement {
  /// What is at a place below: a value, an object, or an array of a list's items; null when nothing is there.
  fileprivate func value(at path: ArraySlice<ControlQuery.Component>) -> JSONValue {
    guard case .name(let name, let item) = path.first else { return bareJSON }
    let found = children.filter { $0.name.lowercased() == name && (item == nil || $0.item == item) }
    guard let first = found.first else { return .null }
    // Of a list as a whole the items are given, with no more below them than was asked for.
    if item == nil, first.item != nil { return .array(found.map(\.bareJSON)) }
    return first.value(at: path.dropFirst())
  }
}

import Realtime

/// One peer that hears of the room by server-sent events (HTML, section 9.2): first how things stand, then what changes and
/// happens. The transport has found out already who it is, and sends what comes as the body of its answer.
///
/// Each event's type is `snapshot`, `change` or `event`, and its data a JSON object with the document as its only member.
public struct EventStreamSession: ControlSession {
  /// What a stream may be asked for: expressions as feedback is registered with.
  public static let maximumExpressionCount = 50
  /// How long a stream may be silent: who listens sees by it that the connection lives.
  static let heartbeat = Duration.seconds(10)

  private let tree: ControlTree
  private let role: ControlRole
  private let queries: [ControlQuery]
  /// Queries whose present values haven't been told yet.
  private var waiting: [ControlQuery]
  /// When the last thing was sent.
  private var lastSent: Instant?

  /// A stream of what `expressions` name; without any, of all settings, states and events.
  /// - Throws: `invalidPath` when one names nothing that the role may hear of, `tooManySubscriptions`.
  public init(tree: ControlTree = .room, expressions: [String], role: ControlRole) throws(ControlError) {
    guard expressions.count <= Self.maximumExpressionCount else { throw .tooManySubscriptions }
    var queries: [ControlQuery] = []
    for expression in expressions.isEmpty ? ["/Status", "/Configuration", "/Event"] : expressions {
      guard expression.utf8.count <= 255, let query = ControlQuery(expression: expression),
        tree.declares(query, for: role)
      else { throw .noMatch(expression) }
      queries.append(query)
    }
    self.tree = tree
    self.role = role
    self.queries = queries
    waiting = queries.filter { $0.document == .status || $0.document == .configuration }
  }

  // MARK: ControlSession

  /// Takes in what happened, and says what is to be done, in order.
  public mutating func handle(_ event: ControlSessionInput, at now: Instant) -> [ControlSessionAction] {
    switch event {
    case .opened:
      lastSent = now
      return waiting.enumerated().map { .perform(.get($1), role: role, number: $0) }
    case .answered(let number, .success(.values(let leaves))):
      return send("snapshot", .document(waiting[number].document, leaves), now)
    case .changed(let change):
      guard let part = change.part(for: queries, role: role, in: tree) else { return [] }
      return send(part.event == nil ? "change" : "event", .change(part, in: tree), now)
    case .woken:
      guard let deadline, deadline <= now else { return [] }
      lastSent = now
      return [.send(Array(": \n\n".utf8))]
    case .received, .authenticated, .answered: return []
    }
  }

  /// When it wants to be woken at the latest.
  public var deadline: Instant? { lastSent.map { $0 + Self.heartbeat } }

  /// Nothing is ever read.
  public var isReadable: Bool { true }

  private mutating func send(_ type: String, _ root: ControlElement, _ now: Instant) -> [ControlSessionAction] {
    lastSent = now
    let data = JSONValue.object([.init(root.name, root.bareJSON)]).compact
    return [.send(Array("event: \(type)\ndata: \(data)\n\n".utf8))]
  }
}

/// A value at its place.
public struct ControlLeaf: Hashable, Sendable {
  /// Where it is in its document; in a command's result and in events, below these.
  public let path: ControlPath
  /// The value.
  public let value: ControlValue

  /// A value at a place.
  public init(_ path: ControlPath, _ value: ControlValue) {
    self.path = path
    self.value = value
  }
}

/// What subscribers hear of: values that changed together, items that are no more, or one event.
public struct ControlChange: Hashable, Sendable {
  /// A value that changed, and the node it is of.
  public struct Entry: Hashable, Sendable {
    /// The number of its node in the tree.
    public let node: Int
    /// The value at its place. Of an event: one of its fields, the place being that of the event and the field's name.
    public let leaf: ControlLeaf
  }

  /// Where it happened.
  public let document: ControlDocument
  /// The values as they are now.
  public internal(set) var entries: [Entry] = []
  /// Items of lists that are no more.
  public internal(set) var removals: [ControlPath] = []
  /// The event's node; nil when this isn't an event. Events without fields have no entries.
  public internal(set) var event: Int?

  init(_ document: ControlDocument) { self.document = document }

  /// Whether nothing has changed.
  public var isEmpty: Bool { entries.isEmpty && removals.isEmpty && event == nil }

  /// What of it one of `queries` asks for and `role` may know; nil when that is nothing.
  func part(for queries: [ControlQuery], role: ControlRole, in tree: ControlTree) -> ControlChange? {
    let queries = queries.filter { $0.document == document }
    guard !queries.isEmpty else { return nil }
    var part = ControlChange(document)
    if let event {
      let node = tree.nodes[event]
      guard node.isReadable(by: role), queries.contains(where: { $0.matchesEvent(node.path, entries) }) else {
        return nil
      }
      // An event is told whole: one of its fields says nothing without the others.
      return self
    }
    part.entries = entries.filter { entry in
      tree.nodes[entry.node].isReadable(by: role) && queries.contains { $0.matches(entry.leaf.path) }
    }
    part.removals = removals.filter { tree.wasThere($0, in: document, for: queries, role: role) }
    return part.isEmpty ? nil : part
  }
}

extension ControlQuery {
  /// Whether the event, or one of its fields, is meant.
  fileprivate func matchesEvent(_ path: NodePath, _ entries: [ControlChange.Entry]) -> Bool {
    matches(path) || entries.contains { matches($0.leaf.path) }
  }
}

extension ControlTree {
  /// Whether something at or below `item`, which is no more, can have been what one of `queries` asks for and `role` may
  /// read.
  func wasThere(
    _ item: ControlPath, in document: ControlDocument, for queries: [ControlQuery], role: ControlRole
  ) -> Bool {
    let below = ControlQuery(document, item)
    return indices(of: document).contains { index in
      let path = nodes[index].path
      guard below.matches(path), nodes[index].isReadable(by: role) else { return false }
      let rest = path.components.dropFirst(item.components.count).map { ControlPath.Component($0.name) }
      let place = ControlPath(item.components + rest)
      return queries.contains { $0.matches(place) }
    }
  }
}

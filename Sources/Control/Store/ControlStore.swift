/// The values of all settings and states. A value type without clock or thread: whoever owns it tells subscribers of the
/// changes it returns.
public struct ControlStore: Sendable {
  /// What there is.
  public let tree: ControlTree
  /// By node, then by the numbers of its lists' items.
  private var values: [[[Int]: ControlValue]]

  /// More items than any list of the room has; what would go beyond is refused.
  static let maximumItemCount = 1_024

  /// A store in which every setting has its standard value, and every state what it has to begin with.
  public init(tree: ControlTree) {
    self.tree = tree
    values = tree.nodes.map { node in
      switch node.kind {
      case .setting(_, let standard, let items):
        guard let items else { return [[]: standard] }
        return Dictionary(uniqueKeysWithValues: items.map { ([$0], standard) })
      case .state(_, let initially): return initially.map { [[]: $0] } ?? [:]
      case .command, .event: return [:]
      }
    }
  }

  // MARK: Reading

  /// What is at the query and may be read by `role`, in the order of the tree; empty where lists are.
  /// - Throws: `invalidPath` when the tree declares nothing there that the role may read.
  public func leaves(_ query: ControlQuery, role: ControlRole) throws(ControlError) -> [ControlLeaf] {
    var leaves: [ControlLeaf] = []
    var isDeclared = query.components.isEmpty
    for index in tree.indices(of: query.document) where tree.nodes[index].isReadable(by: role) {
      let node = tree.nodes[index]
      guard query.matches(node.path, items: node.items) else { continue }
      isDeclared = true
      for (items, value) in values[index].sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        let path = ControlPath(node.path, items: items)
        if query.matches(path) { leaves.append(ControlLeaf(path, value)) }
      }
    }
    guard isDeclared else { throw .noMatch(query.xpath) }
    return leaves
  }

  /// The value of the setting or state at a place; nil when it has none, or the tree declares none there.
  public func value(_ document: ControlDocument, _ path: ControlPath) -> ControlValue? {
    guard let (index, items) = find(document, path) else { return nil }
    return values[index][items]
  }

  // MARK: Settings

  /// Sets what people and control systems may set.
  /// - Parameters:
  ///   - text: the value as it is spelt in the value space.
  /// - Returns: the change; empty when the setting had that value.
  /// - Throws: `invalidPath`, `forbidden` or `illegalValue`; nothing is changed then.
  public mutating func set(
    _ path: ControlPath, to text: String, role: ControlRole
  ) throws(ControlError) -> ControlChange {
    guard let (index, items) = find(.configuration, path), values[index][items] != nil else {
      throw .noMatch("Configuration" + path.xpath)
    }
    let node = tree.nodes[index]
    guard role >= node.role else { throw .forbidden }
    guard let value = node.space?.value(of: text) else { throw .illegalValue }
    var change = ControlChange(.configuration)
    put(value, index, items, into: &change)
    return change
  }

  /// Where the setting at `path` is, as it is declared, and what it may be; nil when there is none.
  public func setting(at path: ControlPath) -> (path: ControlPath, space: ValueSpace)? {
    guard let (index, items) = find(.configuration, path), values[index][items] != nil,
      let space = tree.nodes[index].space
    else { return nil }
    return (ControlPath(tree.nodes[index].path, items: items), space)
  }

  /// Sets several settings, all or none, as `set` does.
  public mutating func set(
    _ settings: [ControlLeaf], role: ControlRole
  ) throws(ControlError) -> ControlChange {
    var next = self
    var change = ControlChange(.configuration)
    for setting in settings {
      change.entries += try next.set(setting.path, to: setting.value.text, role: role).entries
    }
    self = next
    return change
  }

  // MARK: States

  /// Says how things stand now; nil where there is no value any more.
  /// - Returns: what of it is new.
  /// - Throws: `invalidStatus` when the tree doesn't declare that; nothing is changed then.
  public mutating func update(_ states: [(ControlPath, ControlValue?)]) throws(ControlError) -> ControlChange {
    var places: [(index: Int, items: [Int], value: ControlValue?)] = []
    for (path, value) in states {
      guard let (index, items) = find(.status, path) else { throw .invalidStatus }
      if let value, tree.nodes[index].space?.contains(value) != true { throw .invalidStatus }
      if value != nil, values[index][items] == nil, values[index].count >= Self.maximumItemCount {
        throw .invalidStatus
      }
      places.append((index, items, value))
    }
    var change = ControlChange(.status)
    for place in places {
      if let value = place.value {
        put(value, place.index, place.items, into: &change)
      } else if values[place.index].removeValue(forKey: place.items) != nil {
        change.removals.append(ControlPath(tree.nodes[place.index].path, items: place.items))
      }
    }
    return change
  }

  /// Removes an item of a list, such as a call that is over, with all that is below it.
  /// - Parameters:
  ///   - item: the list and the item's number: `Call 27`.
  /// - Returns: the change; empty when there was no such item.
  public mutating func remove(_ item: ControlPath) -> ControlChange {
    var change = ControlChange(.status)
    guard item.components.last?.item != nil else { return change }
    let query = ControlQuery(.status, item)
    var removed: ControlPath?
    for index in tree.indices(of: .status) where query.matches(tree.nodes[index].path) {
      let path = tree.nodes[index].path
      for items in values[index].keys where query.matches(ControlPath(path, items: items)) {
        values[index][items] = nil
        // As it is declared, whatever way it was written.
        removed = ControlPath(Array(ControlPath(path, items: items).components.prefix(item.components.count)))
      }
    }
    if let removed { change.removals.append(removed) }
    return change
  }

  // MARK: Events

  /// An event as subscribers are told of it.
  /// - Throws: `invalidStatus` when the tree doesn't declare the event, one of the fields or its value, or a field is
  ///   missing.
  public func event(_ path: NodePath, _ fields: [(String, ControlValue)]) throws(ControlError) -> ControlChange {
    guard let index = tree.index(of: .event, path) else { throw .invalidStatus }
    let node = tree.nodes[index]
    var change = ControlChange(.event)
    change.event = index
    for field in node.fields {
      guard let value = fields.first(where: { $0.0 == field.path.name })?.1 else {
        if field.isRequired { throw .invalidStatus }
        continue
      }
      guard field.space.contains(value) else { throw .invalidStatus }
      let place = ControlPath(node.path, items: []).components + ControlPath(field.path, items: []).components
      change.entries.append(.init(node: index, leaf: ControlLeaf(ControlPath(place), value)))
    }
    guard change.entries.count == fields.count else { throw .invalidStatus }
    return change
  }

  // MARK: -

  private mutating func put(_ value: ControlValue, _ index: Int, _ items: [Int], into change: inout ControlChange) {
    guard values[index].updateValue(value, forKey: items) != value else { return }
    let leaf = ControlLeaf(ControlPath(tree.nodes[index].path, items: items), value)
    change.entries.append(.init(node: index, leaf: leaf))
  }

  private func find(_ document: ControlDocument, _ path: ControlPath) -> (index: Int, items: [Int])? {
    guard let index = tree.index(of: document, words: path.components.map(\.name)),
      let items = path.items(in: tree.nodes[index].path)
    else { return nil }
    return (index, items)
  }
}

extension ControlNode {
  /// The numbers of the list that a setting is in.
  var items: ClosedRange<Int>? {
    if case .setting(_, _, let items) = kind { items } else { nil }
  }
}

extension ControlQuery {
  /// The query as errors name it: `Configuration/Video/Output/Connector[9]`.
  var xpath: String {
    components.reduce(into: document.rawValue) { text, component in
      switch component {
      case .name(let name, let item): text += "/" + name + (item.map { "[\($0)]" } ?? "")
      case .beginning(let beginning): text += "/" + beginning
      case .anyDepth: text += "/"
      }
    }
  }
}

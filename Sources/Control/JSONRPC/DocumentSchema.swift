import Catalogue

/// What the tree declares, as the method `xDoc` tells it.
struct DocumentSchema {
  let tree: ControlTree
  let language: Language
  let role: ControlRole

  /// What is declared at a place and below; nil when that is nothing.
  func value(at query: ControlQuery) -> JSONValue? {
    let depth = query.components.count
    let nodes = tree.indices(of: query.document).map { tree.nodes[$0] }.filter { node in
      (node.document == .configuration || node.role <= role) && query.matches(node.path)
    }
    guard let first = nodes.first else { return nil }
    if first.path.components.count == depth { return leaf(first) }
    return branch(nodes.map { ($0.path.components.dropFirst(depth), leaf($0)) })
  }

  private func branch(_ leaves: [(path: ArraySlice<NodePath.Component>, value: JSONValue)]) -> JSONValue {
    var members: [JSONValue.Member] = []
    for (path, value) in leaves {
      guard let first = path.first, !members.contains(where: { $0.name == first.name }) else { continue }
      guard path.count > 1 else {
        members.append(.init(first.name, value))
        continue
      }
      let below = leaves.filter { $0.path.first == first }.map { ($0.path.dropFirst(), $0.value) }
      members.append(.init(first.name, first.isList ? [branch(below)] : branch(below)))
    }
    return .object(members)
  }

  private func leaf(_ node: ControlNode) -> JSONValue {
    let roles = ControlRole.allCases.filter { $0 >= node.role }.map(\.rawValue).joined(separator: ";")
    var members: [JSONValue.Member] = [
      .init("access", "public-api"), .init("description", .string(node.text[language])), .init("role", .string(roles)),
    ]
    switch node.kind {
    case .command(let parameters, _, let takesBody):
      members.append(.init("command", "True"))
      if takesBody { members.append(.init("multiline", "True")) }
      members += fields(parameters)
    case .event(let parts): members += [.init("event", "True")] + fields(parts)
    case .setting(let space, let standard, _):
      members += [.init("ValueSpace", Self.value(of: space)), .init("default", .string(standard.text))]
    case .state(let space, _): members.append(.init("ValueSpace", Self.value(of: space)))
    }
    return .object(members)
  }

  private func fields(_ fields: [ControlField]) -> [JSONValue.Member] {
    fields.map { field in
      .init(
        field.path.name,
        [
          "required": field.isRequired ? "True" : "False", "description": .string(field.text[language]),
          "ValueSpace": Self.value(of: field.space),
        ])
    }
  }

  private static func value(of space: ValueSpace) -> JSONValue {
    switch space {
    case .integer(let range):
      ["type": "Integer", "Min": .string(String(range.lowerBound)), "Max": .string(String(range.upperBound))]
    case .literal(let words): ["type": "Literal", "Value": .array(words.map { .string($0) })]
    case .string(let range):
      [
        "type": "String", "MinLength": .string(String(range.lowerBound)),
        "MaxLength": .string(String(range.upperBound)),
      ]
    }
  }
}

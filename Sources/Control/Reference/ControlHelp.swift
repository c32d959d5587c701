import Catalogue

/// The help that a terminal prints.
struct ControlHelp {
  let tree: ControlTree
  let language: Language
  /// Only what this role may use is told.
  let role: ControlRole

  /// What the terminal calls a document's command.
  static func command(_ document: ControlDocument) -> String { "x\(document.rawValue)" }

  /// The words that may come next, one a line; nil when nothing begins with `words`. Once the words name a node, all of
  /// it.
  func nextWords(_ document: ControlDocument, after words: [String]) -> [String]? {
    let nodes = nodes(document, below: words)
    guard !nodes.isEmpty else { return nil }
    if let node = nodes.first(where: { $0.path.components.count == words.count }) { return lines(node) }
    var lines: [String] = []
    for node in nodes {
      let beginning = node.path.components.prefix(words.count + 1).map { $0.name + ($0.isList ? "[n]" : "") }
      let line = "*h \(Self.command(document)) \(beginning.joined(separator: " "))"
      if !lines.contains(line) { lines.append(line) }
    }
    return lines
  }

  /// Every node that begins with `words`, with its value spaces; nil when there is none.
  func everything(_ document: ControlDocument, below words: [String]) -> [String]? {
    let nodes = nodes(document, below: words)
    return nodes.isEmpty ? nil : nodes.flatMap { lines($0) }
  }

  private func nodes(_ document: ControlDocument, below words: [String]) -> [ControlNode] {
    let keys = words.map { $0.lowercased() }
    return tree.indices(of: document).map { tree.nodes[$0] }.filter { node in
      let isUsable = node.document == .configuration || node.role <= role
      return isUsable && node.path.components.prefix(keys.count).map(\.key) == keys
    }
  }

  private func lines(_ node: ControlNode) -> [String] {
    var head = "*h \(Self.command(node.document)) \(node.path)"
    if let space = node.space { head += ": \(space)" }
    return [head, "     \(node.text[language])"]
      + node.fields.map { field in
        "     \(field.path)\(field.isRequired ? "(r)" : ""): \(field.space) \(field.text[language])"
      }
  }
}

/// A document, or a part of it, as all faces write it: one shape for answers to queries, feedback and results, so that
/// they are alike to the last byte.
struct ControlElement: Hashable, Sendable {
  /// The word.
  let name: String
  /// Which item of a list.
  var item: Int?
  /// What is said of it besides its value: `status`, `error`, `ghost`.
  var attributes: [Attribute] = []
  /// Its value, if it is a leaf.
  var value: ControlValue?
  /// What is below it, in order.
  var children: [ControlElement] = []

  /// A remark on an element.
  struct Attribute: Hashable, Sendable {
    let name: String
    let value: String
  }

  init(_ name: String, item: Int? = nil) {
    self.name = name
    self.item = item
  }

  /// An element that is text and nothing else.
  init(_ name: String, text: String) {
    self.name = name
    value = .string(text)
  }

  /// Puts a value at a place below, making what leads there.
  mutating func insert(_ leaf: ControlLeaf) {
    at(leaf.path.components[...]) { $0.value = leaf.value }
  }

  /// Changes what is at a place below, making what leads there.
  mutating func at(_ path: ArraySlice<ControlPath.Component>, _ change: (inout ControlElement) -> Void) {
    guard let first = path.first else { return change(&self) }
    // Values come in the order of the tree: nearly always the last one is meant.
    let position =
      children.lastIndex { $0.name == first.name && $0.item == first.item }
      ?? {
        // Items of a list stand together.
        let end = children.lastIndex { $0.name == first.name }.map { $0 + 1 } ?? children.count
        children.insert(ControlElement(first.name, item: first.item), at: end)
        return end
      }()
    children[position].at(path.dropFirst(), change)
  }
}

extension ControlElement {
  /// The values below a document.
  static func document(_ document: ControlDocument, _ leaves: [ControlLeaf]) -> ControlElement {
    leaves.reduce(into: ControlElement(document.rawValue)) { $0.insert($1) }
  }

  /// What changed, below its document.
  static func change(_ change: ControlChange, in tree: ControlTree) -> ControlElement {
    var root = document(change.document, change.entries.map(\.leaf))
    for removal in change.removals {
      root.at(removal.components[...]) { $0.attributes = [Attribute(name: "ghost", value: "True")] }
    }
    if let event = change.event, change.entries.isEmpty {
      root.at(ControlPath(tree.nodes[event].path, items: []).components[...]) { _ in }
    }
    return root
  }

  /// A command's result.
  /// - Parameter name: what it is called; differs from face to face.
  static func result(_ name: String, _ leaves: [ControlLeaf]) -> ControlElement {
    var result = leaves.reduce(into: ControlElement(name)) { $0.insert($1) }
    result.attributes = [Attribute(name: "status", value: "OK")]
    return result
  }

  /// How a request failed.
  /// - Parameter name: what the result would have been called.
  static func failure(_ name: String, _ error: ControlError) -> ControlElement {
    var result = ControlElement(name)
    var status = "Error"
    switch error {
    case .parameters(let faults):
      status = "ParameterError"
      result.children = faults.map { ControlElement($0.name, text: $0.reason) }
    case .invalidPath(let reason, let xpath):
      result.children = [ControlElement("Reason", text: reason), ControlElement("XPath", text: xpath)]
    default: result.children = [ControlElement("Reason", text: error.reason)]
    }
    result.attributes = [Attribute(name: "status", value: status)]
    return result
  }
}

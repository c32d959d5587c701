/// A place in one of the documents: the words, and the numbers of items where the tree has lists.
public struct ControlPath: Hashable, Sendable, CustomStringConvertible {
  /// A word and the number that may follow it.
  public struct Component: Hashable, Sendable {
    /// The word.
    public var name: String
    /// Which item of a list; nil where there is no list, or the list as a whole is meant.
    public var item: Int?

    /// A word and its number.
    public init(_ name: String, item: Int? = nil) {
      self.name = name
      self.item = item
    }
  }

  /// The words, from the document down.
  public var components: [Component]

  /// A place.
  public init(_ components: [Component]) { self.components = components }

  /// The place that words name as people write them, numbers being words too: `Call 27 Status`. Nil when it begins with
  /// a number, two follow one another, or a number is too large.
  public init?(words: some Sequence<some StringProtocol>) {
    components = []
    for word in words {
      guard word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), !word.isEmpty else {
        components.append(Component(String(word)))
        continue
      }
      guard let last = components.indices.last, components[last].item == nil, let item = Int(word) else { return nil }
      components[last].item = item
    }
  }

  /// The place that `text` names.
  public init?(_ text: String) { self.init(words: text.split(separator: " ")) }

  /// The place of the node declared as `path`, with these numbers for its lists.
  init(_ path: NodePath, items: [Int]) {
    var next = items.makeIterator()
    components = path.components.map { Component($0.name, item: $0.isList ? next.next() : nil) }
  }

  /// The words, as the terminal writes them.
  public var description: String {
    components.map { component in component.item.map { "\(component.name) \($0)" } ?? component.name }
      .joined(separator: " ")
  }

  /// The place as in XPath: `/Video/Output/Connector[1]`.
  public var xpath: String {
    components.map { component in "/" + component.name + (component.item.map { "[\($0)]" } ?? "") }.joined()
  }

  /// The numbers of items, in order; nil when this isn't a place of `path`: other words, or numbers missing or extra.
  func items(in path: NodePath) -> [Int]? {
    guard components.count == path.components.count else { return nil }
    var items: [Int] = []
    for (component, declared) in zip(components, path.components) {
      guard component.name.lowercased() == declared.key, (component.item != nil) == declared.isList else { return nil }
      if let item = component.item { items.append(item) }
    }
    return items
  }
}

extension ControlTree {
  /// A place written as it is declared; nil when nothing is declared there.
  func canonical(_ document: ControlDocument, _ path: ControlPath) -> ControlPath? {
    guard let index = index(of: document, words: path.components.map(\.name)) else { return nil }
    return path.items(in: nodes[index].path).map { ControlPath(nodes[index].path, items: $0) }
  }
}

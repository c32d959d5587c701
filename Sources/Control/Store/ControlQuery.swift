/// Which part of a document is meant: a place and all below it, with lists whole or by item, and wildcards.
public struct ControlQuery: Hashable, Sendable {
  /// A part of a query.
  public enum Component: Hashable, Sendable {
    /// A word, in lower case, with or without the number of an item.
    case name(String, item: Int?)
    /// A word that begins so, in lower case: what follows `//`.
    case beginning(String)
    /// No, one or more words: `**`, and what precedes a word after `//`.
    case anyDepth
  }

  /// The document.
  public let document: ControlDocument
  /// What follows it; empty for the whole document.
  public let components: [Component]

  /// More parts than a query of the deepest place has. Matching takes time that grows with the wildcards.
  static let maximumComponentCount = 24

  /// A query, if it isn't longer than any that has an answer.
  public init?(_ document: ControlDocument, _ components: [Component]) {
    guard components.count <= Self.maximumComponentCount else { return nil }
    self.document = document
    var kept: [Component] = []
    // Twice any depth is any depth.
    for component in components where !(component == .anyDepth && kept.last == .anyDepth) { kept.append(component) }
    self.components = kept
  }

  /// The place and all below it.
  public init(_ document: ControlDocument, _ path: ControlPath) {
    self.document = document
    components = path.components.map { .name($0.name.lowercased(), item: $0.item) }
  }

  // MARK: Matching

  /// Whether the leaf at `path` is meant.
  public func matches(_ path: ControlPath) -> Bool {
    Self.matches(components[...], path.components[...]) { name, item, place in
      place.name.lowercased() == name && (item == nil || item == place.item)
    } beginning: { beginning, place in
      place.name.lowercased().hasPrefix(beginning)
    }
  }

  /// Whether places of the node declared as `path` can be meant; `items` are the numbers of its list, if it is known.
  public func matches(_ path: NodePath, items: ClosedRange<Int>? = nil) -> Bool {
    Self.matches(components[...], path.components[...]) { name, item, declared in
      guard declared.key == name, let item else { return declared.key == name }
      return declared.isList && items?.contains(item) != false
    } beginning: { beginning, declared in
      declared.key.hasPrefix(beginning)
    }
  }

  private static func matches<Place>(
    _ query: ArraySlice<Component>, _ path: ArraySlice<Place>, name: (String, Int?, Place) -> Bool,
    beginning: (String, Place) -> Bool
  ) -> Bool {
    guard let first = query.first else { return true }
    switch first {
    case .anyDepth:
      // What is meant is all below, too: `**` at the end means everything.
      return (path.startIndex...path.endIndex).contains { start in
        matches(query.dropFirst(), path[start...], name: name, beginning: beginning)
      }
    case .name(let word, let item):
      guard let place = path.first, name(word, item, place) else { return false }
    case .beginning(let word):
      guard let place = path.first, beginning(word, place) else { return false }
    }
    return matches(query.dropFirst(), path.dropFirst(), name: name, beginning: beginning)
  }
}

extension ControlQuery {
  /// What follows a command such as `xStatus` on a terminal: words, or `//word//word` to search.
  public init?(_ document: ControlDocument, words: [String]) {
    var components: [Component] = []
    for word in words {
      // Empty parts between slashes come from `//`; one at the beginning also from `/`.
      let parts = word.split(separator: "/", omittingEmptySubsequences: false)
      var isSearch = false
      for (position, part) in parts.enumerated() {
        if part.isEmpty {
          if position > 0 && position < parts.count - 1 { isSearch = true }
          continue
        }
        if isSearch { components.append(.anyDepth) }
        guard Self.append(part, to: &components, isSearch: isSearch) else { return nil }
        isSearch = false
      }
    }
    self.init(document, components)
  }

  /// An expression as feedback is registered with: `/Status/Video/Input/Connector[@item='3']/SignalState`, also with
  /// `[3]`, without the first slash, or with spaces in place of slashes.
  public init?(expression: String) {
    var rest = expression.split { $0 == "/" || $0 == " " }[...]
    guard let first = rest.popFirst(), let document = ControlDocument(name: first) else { return nil }
    var components: [Component] = []
    for part in rest {
      guard Self.append(part, to: &components, isSearch: false) else { return nil }
    }
    self.init(document, components)
  }

  /// Appends a part: a word, a word with an item in brackets, or a number that belongs to the word before.
  private static func append(_ part: Substring, to components: inout [Component], isSearch: Bool) -> Bool {
    if part == "**" || part == "*" {
      components.append(.anyDepth)
      return true
    }
    if part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      guard let item = Int(part), case .name(let name, item: nil) = components.last else { return false }
      components[components.count - 1] = .name(name, item: item)
      return true
    }
    guard let bracket = part.firstIndex(of: "[") else {
      components.append(isSearch ? .beginning(part.lowercased()) : .name(part.lowercased(), item: nil))
      return true
    }
    guard part.last == "]" else { return false }
    var inside = part[part.index(after: bracket)...].dropLast()
    if inside.hasPrefix("@item=") {
      inside = inside.dropFirst(6)
      guard inside.count >= 3, let quote = inside.first, quote == "'" || quote == "\"", inside.last == quote else {
        return false
      }
      inside = inside.dropFirst().dropLast()
    }
    guard let item = Int(inside), item >= 0 else { return false }
    components.append(.name(part[..<bracket].lowercased(), item: item))
    return true
  }
}

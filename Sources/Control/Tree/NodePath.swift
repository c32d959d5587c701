/// Where a node is declared, within its document: `Audio Volume`, or `Call[n] Status` where there is one for each item
/// of a list.
public struct NodePath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// A word of the path.
  public struct Component: Hashable, Sendable {
    /// The word, as it is written.
    public let name: String
    /// The word in lower case, by which it is found.
    let key: String
    /// Whether a number follows it that tells items apart.
    public let isList: Bool
  }

  /// The words, from the document down.
  public let components: [Component]

  /// A path as it is declared: words, those of lists ending in `[n]`.
  public init(_ text: String) {
    components = text.split(separator: " ").map { word in
      let isList = word.hasSuffix("[n]")
      let name = String(isList ? word.dropLast(3) : word)
      return Component(name: name, key: name.lowercased(), isList: isList)
    }
  }

  /// A path as it is declared.
  public init(stringLiteral value: String) { self.init(value) }

  /// The path as it is declared.
  public var description: String { words(joinedBy: " ", item: "[n]") }

  /// The words alone, without the marks of lists.
  public var name: String { words(joinedBy: " ", item: "") }

  /// How many numbers a place in the tree needs.
  public var listCount: Int { components.count { $0.isList } }

  /// The words with `separator` between them, and `item` after those of lists.
  public func words(joinedBy separator: String, item: String) -> String {
    components.map { $0.isList ? $0.name + item : $0.name }.joined(separator: separator)
  }
}

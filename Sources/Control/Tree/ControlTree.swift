/// All that the room can be told, set, asked and heard of. Every face, the help, the OpenAPI document and the reference
/// are made from it.
public struct ControlTree: Sendable {
  /// The nodes, in the order in which they are listed.
  public let nodes: [ControlNode]
  /// Where in `nodes` a document's nodes are.
  private let indices: [ControlDocument: [Int]]
  /// Commands and events by their words in lower case.
  private let byName: [ControlDocument: [String: Int]]

  /// A tree of these nodes.
  public init(_ nodes: [ControlNode]) {
    self.nodes = nodes
    indices = Dictionary(grouping: nodes.indices) { nodes[$0].document }
    byName = indices.mapValues { indices in
      Dictionary(indices.map { (Self.key(nodes[$0].path), $0) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// The numbers of a document's nodes, in order.
  public func indices(of document: ControlDocument) -> [Int] { indices[document] ?? [] }

  /// The number of the node that these words name in any case, lists without their numbers; nil when there is none.
  public func index(of document: ControlDocument, words: [String]) -> Int? {
    byName[document]?[words.map { $0.lowercased() }.joined(separator: " ")]
  }

  /// The number of the node declared as `path`; nil when there is none.
  public func index(of document: ControlDocument, _ path: NodePath) -> Int? { byName[document]?[Self.key(path)] }

  private static func key(_ path: NodePath) -> String { path.components.map(\.key).joined(separator: " ") }
}

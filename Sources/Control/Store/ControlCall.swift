/// A command with its arguments, checked against the tree.
public struct ControlCall: Hashable, Sendable {
  /// The number of the command's node.
  public let node: Int
  /// The arguments by their names as declared.
  public let arguments: [String: ControlValue]
  /// The lines that followed; nil when the command takes none.
  public let body: String?

  /// The argument of that name, if it is a number.
  public func integer(_ name: String) -> Int? {
    if case .integer(let number)? = arguments[name] { number } else { nil }
  }

  /// The argument of that name as text; for words as the value space spells them.
  public func text(_ name: String) -> String? { arguments[name]?.text }
}

extension ControlTree {
  /// The command that `words` name, with these arguments.
  /// - Parameters:
  ///   - arguments: names, in any case, and the values' texts.
  ///   - body: what followed; it is left out where the command takes none.
  /// - Throws: `invalidPath` or `parameters`.
  public func call(
    _ words: [String], _ arguments: [(name: String, value: String)], body: String? = nil
  ) throws(ControlError) -> ControlCall {
    guard let index = index(of: .command, words: words) else { throw .unknownCommand(words) }
    let node = nodes[index]
    var values: [String: ControlValue] = [:]
    var faults: [ControlError.ParameterFault] = []
    for argument in arguments {
      let key = argument.name.lowercased()
      guard let field = node.fields.first(where: { $0.path.components[0].key == key }) else {
        faults.append(.unknown(Self.shown(argument.name)))
        continue
      }
      let name = field.path.name
      if values[name] != nil {
        faults.append(.repeated(name))
      } else if let value = field.space.value(of: argument.value) {
        values[name] = value
      } else {
        faults.append(.invalid(name))
      }
    }
    for field in node.fields where field.isRequired {
      let name = field.path.name
      if values[name] == nil, !faults.contains(where: { $0.name == name }) { faults.append(.missing(name)) }
    }
    if node.takesBody && body == nil { faults.append(.missing("body")) }
    guard faults.isEmpty else { throw .parameters(faults) }
    return ControlCall(node: index, arguments: values, body: node.takesBody ? body : nil)
  }

  /// A name that a peer made up, as far as it can stand in an answer of any face.
  static func shown(_ name: String) -> String {
    let letters = name.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || $0 == "_") }.prefix(64)
    return letters.isEmpty ? "Parameter" : String(String.UnicodeScalarView(letters))
  }
}

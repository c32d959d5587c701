/// Writes what a terminal answers, in the mode that the peer has chosen. Each text ends with CRLF.
struct TerminalWriter {
  /// How answers look.
  enum Mode: String {
    case terminal, xml, json
  }

  /// How answers look now.
  var mode = Mode.terminal

  private static func text(_ lines: [String]) -> String { lines.joined(separator: "\r\n") + "\r\n" }

  /// Values, as answer to a query and as feedback.
  /// - Parameter root: the document; without anything below it: an empty answer.
  func values(_ root: ControlElement, _ document: ControlDocument, resultID: String?) -> String {
    let prefix =
      switch document {
      case .configuration: "*c xConfiguration"
      case .status: "*s"
      case .event: "*e"
      case .command: "*r"
      }
    return write(root.lines(prefix: prefix), root.children.isEmpty ? nil : root, resultID: resultID)
  }

  /// An event: on a terminal one line.
  func event(_ root: ControlElement, _ change: ControlChange, in tree: ControlTree) -> String {
    var line = "*e"
    if let event = change.event { line += " \(tree.nodes[event].path)" }
    for entry in change.entries {
      guard let field = entry.leaf.path.components.last else { continue }
      line += " \(field.name): \(entry.leaf.value.terminalText)"
    }
    return write([line], root, resultID: nil)
  }

  /// What came of a command.
  /// - Parameters:
  ///   - result: on terminals named by the whole path, else by its last two words, as drivers expect.
  ///   - isDone: whether it has been done.
  func result(_ result: ControlElement, isDone: Bool, resultID: String?) -> String {
    var response = ControlElement("CommandResponse")
    response.children = [result]
    let attributes = result.attributes.map { " (\($0.name)=\($0.value))" }.joined()
    let lines = [isDone ? "OK" : "ERROR", "*r \(result.name)\(attributes):"] + result.lines(prefix: " ")
    return write(lines, response, resultID: resultID)
  }

  /// That it has been done, if there is nothing else to say.
  func done(resultID: String?, withEnd: Bool = true) -> String {
    mode == .terminal && !withEnd ? Self.text(["OK"]) : write([], nil, resultID: resultID, closing: ["OK"])
  }

  /// Lines of help and lists.
  func listing(_ name: String, _ lines: [String], resultID: String?, withEnd: Bool = true) -> String {
    switch mode {
    case .terminal where !withEnd: return Self.text(lines + ["OK"])
    case .terminal: return write(lines, nil, resultID: resultID, closing: ["OK"])
    case .json:
      let list = JSONValue.Member(name, .array(lines.map { .string($0) }))
      return Self.text([JSONValue.object([list] + tag(resultID)).pretty(lineEnd: "\r\n")])
    case .xml:
      var root = ControlElement(name)
      root.children = lines.map { ControlElement("Line", text: $0) }
      return write([], root, resultID: resultID)
    }
  }

  /// That nobody knows what the line means.
  func notRecognized(resultID: String?) -> String {
    let reason = "Command not recognized."
    guard mode != .terminal else { return Self.text([reason]) }
    return result(.failure("Result", .failed(reason: reason)), isDone: false, resultID: resultID)
  }

  /// An XML document, in whatever mode.
  static func xml(_ root: ControlElement?, resultID: String?) -> String {
    let attribute = resultID.map { " resultId=\"\(ControlElement.escaped($0))\"" } ?? ""
    guard let root else { return text(["<XmlDoc\(attribute)/>"]) }
    return text(["<XmlDoc\(attribute)>"] + root.xmlLines() + ["</XmlDoc>"])
  }

  private func write(
    _ lines: [String], _ root: ControlElement?, resultID: String?, closing: [String] = []
  ) -> String {
    switch mode {
    case .terminal:
      let tag = resultID.map { ["** resultId: \(JSONValue.quoted($0))"] } ?? []
      return Self.text(lines + tag + ["** end"] + closing)
    case .json:
      let members = root.map { [JSONValue.Member($0.name, $0.terminalJSON)] } ?? []
      return Self.text([JSONValue.object(members + tag(resultID)).pretty(lineEnd: "\r\n")])
    case .xml: return Self.xml(root, resultID: resultID)
    }
  }

  private func tag(_ resultID: String?) -> [JSONValue.Member] {
    resultID.map { [.init("ResultId", .string($0))] } ?? []
  }
}

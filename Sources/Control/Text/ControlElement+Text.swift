extension ControlElement {
  // MARK: Lines of a terminal

  /// One line for each leaf and remark, without line ends.
  /// - Parameter prefix: what each begins with, such as `*s`.
  func lines(prefix: String) -> [String] {
    var lines: [String] = []
    appendLines(prefix, to: &lines)
    return lines
  }

  private func appendLines(_ prefix: String, to lines: inout [String]) {
    for child in children {
      var place = "\(prefix) \(child.name)"
      if let item = child.item { place += " \(item)" }
      for attribute in child.attributes { place += " (\(attribute.name)=\(attribute.value))" }
      if let value = child.value {
        lines.append("\(place): \(value.terminalText)")
      } else if !child.attributes.isEmpty {
        lines.append("\(place):")
      }
      child.appendLines(place, to: &lines)
    }
  }

  // MARK: JSON

  /// As the terminal writes it: each value an object with the member `Value`, always text.
  var terminalJSON: JSONValue {
    json { ["Value": .string($0.text)] }
  }

  /// As JSON-RPC writes it: values bare, numbers as such.
  var bareJSON: JSONValue {
    json { value in
      if case .integer(let number) = value { .integer(number) } else { .string(value.text) }
    }
  }

  private func json(_ leaf: (ControlValue) -> JSONValue) -> JSONValue {
    if let value, attributes.isEmpty { return leaf(value) }
    var members: [JSONValue.Member] = []
    if let item { members.append(JSONValue.Member("id", .string(String(item)))) }
    for attribute in attributes { members.append(JSONValue.Member(attribute.name, .string(attribute.value))) }
    if let value { members.append(JSONValue.Member("Value", .string(value.text))) }
    var position = 0
    while position < children.count {
      let child = children[position]
      guard child.item != nil else {
        members.append(JSONValue.Member(child.name, child.json(leaf)))
        position += 1
        continue
      }
      let items = children[position...].prefix { $0.name == child.name && $0.item != nil }
      members.append(JSONValue.Member(child.name, .array(items.map { $0.json(leaf) })))
      position += items.count
    }
    return .object(members)
  }

  // MARK: XML

  /// The element and what is below it, one a line, indented by two spaces.
  func xmlLines(indentation: String = "") -> [String] {
    var tag = indentation + "<" + name
    if let item { tag += " item=\"\(item)\"" }
    for attribute in attributes { tag += " \(attribute.name)=\"\(Self.escaped(attribute.value))\"" }
    if let value { return ["\(tag)>\(Self.escaped(value.text))</\(name)>"] }
    guard !children.isEmpty else { return [tag + "/>"] }
    return [tag + ">"] + children.flatMap { $0.xmlLines(indentation: indentation + "  ") }
      + ["\(indentation)</\(name)>"]
  }

  /// Text within XML (XML 1.0 section 2.4), on one line.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\r": result += "&#13;"
      case "\t": result += "&#9;"
      // What XML can't hold at all.
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}

extension ControlValue {
  /// The value as the terminal writes it: text between quotation marks, all else bare.
  var terminalText: String {
    if case .string(let text) = self { JSONValue.quoted(text) } else { text }
  }
}

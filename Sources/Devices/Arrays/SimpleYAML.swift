/// The part of YAML that a person writes by hand into a description: block mappings and sequences, flow ones within a line,
/// plain and quoted scalars, comments. No anchors, tags, several documents or scalars of several lines.
///
/// A parser of our own because of what it leaves out: files come from installers, and whatever they hold, reading ends soon
/// and without a trap. Libraries expand aliases without bounds and recurse as deep as the input is nested.
struct SimpleYAML {
  /// A piece of the document.
  indirect enum Node: Equatable {
    case scalar(String)
    case sequence([Node])
    /// In the file's order; no key twice.
    case mapping([Entry])
  }

  /// A key of a mapping with its value.
  struct Entry: Equatable {
    var key: String
    var value: Node
  }

  /// Why a document can't be read.
  struct Failure: Error, Equatable {
    /// Counted from 1.
    var line: Int
    var reason: String
  }

  private struct Line {
    var number: Int
    var indent: Int
    var text: ArraySlice<UInt8>
  }

  private static let deepest = 16
  private var lines: [Line] = []
  private var next = 0

  /// Reads a document.
  static func parse(_ bytes: [UInt8]) throws(Failure) -> Node {
    var parser = try SimpleYAML(bytes)
    guard let first = parser.lines.first else { throw Failure(line: 1, reason: "nothing is in it") }
    let node = try parser.block(indent: first.indent, depth: 0)
    if parser.next < parser.lines.count {
      throw Failure(line: parser.lines[parser.next].number, reason: "it is indented otherwise than what is above")
    }
    return node
  }

  private init(_ bytes: [UInt8]) throws(Failure) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure(line: 1, reason: "it isn't UTF-8") }
    for (index, raw) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      let indent = raw.prefix { $0 == 32 }.count
      let text = Self.withoutComment(raw.dropFirst(indent))
      if text.isEmpty || (index == 0 && text.elementsEqual("---".utf8)) { continue }
      if text.contains(where: { $0 < 32 || $0 == 127 }) {
        throw Failure(line: index + 1, reason: "there are tabs or control characters in it")
      }
      lines.append(Line(number: index + 1, indent: indent, text: text))
    }
  }

  /// The text up to a comment or the blanks at its end.
  private static func withoutComment(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var quote: UInt8?
    var end = text.endIndex
    for index in text.indices {
      let byte = text[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        let before = index > text.startIndex ? text[index - 1] : 32
        // An apostrophe within a word opens nothing.
        if " [{,:".utf8.contains(before) { quote = byte }
      } else if byte == UInt8(ascii: "#"), index == text.startIndex || text[index - 1] == 32 {
        end = index
        break
      }
    }
    var result = text[text.startIndex..<end]
    while let last = result.last, last == 32 || last == 13 { result.removeLast() }
    return result
  }

  // MARK: Blocks

  private mutating func block(indent: Int, depth: Int) throws(Failure) -> Node {
    let line = lines[next]
    guard depth < Self.deepest else { throw Failure(line: line.number, reason: "it is nested too deeply") }
    if Self.isItem(line.text) { return try sequence(indent: indent, depth: depth) }
    if Self.key(line.text) != nil { return try mapping(indent: indent, depth: depth) }
    next += 1
    return try flow(line)
  }

  private mutating func sequence(indent: Int, depth: Int) throws(Failure) -> Node {
    var items: [Node] = []
    while next < lines.count, lines[next].indent == indent, Self.isItem(lines[next].text) {
      let line = lines[next]
      let rest = line.text.dropFirst().drop { $0 == 32 }
      if rest.isEmpty {
        next += 1
        items.append(try nested(under: line, depth: depth))
      } else {
        // What stands behind the dash is a block of its own, indented as far as it stands.
        lines[next].indent += rest.startIndex - line.text.startIndex
        lines[next].text = rest
        items.append(try block(indent: lines[next].indent, depth: depth + 1))
      }
    }
    return .sequence(items)
  }

  private mutating func mapping(indent: Int, depth: Int) throws(Failure) -> Node {
    var entries: [Entry] = []
    while next < lines.count, lines[next].indent == indent, let (key, rest) = Self.key(lines[next].text) {
      let line = lines[next]
      next += 1
      if entries.contains(where: { $0.key == key }) {
        throw Failure(line: line.number, reason: "\(key) is there twice")
      }
      if rest.isEmpty {
        entries.append(Entry(key: key, value: try nested(under: line, depth: depth)))
      } else {
        entries.append(Entry(key: key, value: try flow(Line(number: line.number, indent: 0, text: rest))))
      }
    }
    return .mapping(entries)
  }

  /// The block that belongs to `line`: indented further, or a sequence just below a key.
  private mutating func nested(under line: Line, depth: Int) throws(Failure) -> Node {
    guard next < lines.count,
      lines[next].indent > line.indent
        || (lines[next].indent == line.indent && Self.isItem(lines[next].text) && !Self.isItem(line.text))
    else { throw Failure(line: line.number, reason: "there's no value") }
    return try block(indent: lines[next].indent, depth: depth + 1)
  }

  private static func isItem(_ text: ArraySlice<UInt8>) -> Bool {
    text.first == UInt8(ascii: "-") && (text.count == 1 || text[text.startIndex + 1] == 32)
  }

  /// The key that a line begins with, and what is behind its colon.
  private static func key(_ text: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>)? {
    let name = text.prefix { byte in
      (48..<58).contains(byte) || (65..<91).contains(byte) || (97..<123).contains(byte) || byte == 95 || byte == 45
    }
    let rest = text[name.endIndex...]
    guard !name.isEmpty, rest.first == UInt8(ascii: ":") else { return nil }
    let value = rest.dropFirst()
    guard value.isEmpty || value.first == 32 else { return nil }
    return (String(decoding: name, as: UTF8.self), value.drop { $0 == 32 })
  }

  // MARK: Within a line

  private func flow(_ line: Line) throws(Failure) -> Node {
    var rest = line.text
    let node = try value(&rest, line.number, depth: 0, isInside: false)
    guard rest.allSatisfy({ $0 == 32 }) else { throw Failure(line: line.number, reason: "something follows the value") }
    return node
  }

  private func value(
    _ rest: inout ArraySlice<UInt8>, _ line: Int, depth: Int, isInside: Bool
  ) throws(Failure) -> Node {
    guard depth < Self.deepest else { throw Failure(line: line, reason: "it is nested too deeply") }
    rest = rest.drop { $0 == 32 }
    switch rest.first {
    case UInt8(ascii: "["): return .sequence(try items(&rest, line, depth))
    case UInt8(ascii: "{"): return .mapping(try entries(&rest, line, depth))
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .scalar(try quoted(&rest, line))
    case nil: throw Failure(line: line, reason: "there's no value")
    default: break
    }
    var text = isInside ? rest.prefix { !",]}[{".utf8.contains($0) } : rest
    rest = rest[text.endIndex...]
    while text.last == 32 { text.removeLast() }
    guard let first = text.first, !"&*!|>%@`,]}?".utf8.contains(first) else {
      throw Failure(line: line, reason: "a value begins with what has a meaning of its own: put it into quotes")
    }
    return .scalar(String(decoding: text, as: UTF8.self))
  }

  private func items(_ rest: inout ArraySlice<UInt8>, _ line: Int, _ depth: Int) throws(Failure) -> [Node] {
    var items: [Node] = []
    rest = rest.dropFirst().drop { $0 == 32 }
    while rest.first != UInt8(ascii: "]") {
      items.append(try value(&rest, line, depth: depth + 1, isInside: true))
      try separator(&rest, UInt8(ascii: "]"), line)
    }
    rest = rest.dropFirst()
    return items
  }

  private func entries(_ rest: inout ArraySlice<UInt8>, _ line: Int, _ depth: Int) throws(Failure) -> [Entry] {
    var entries: [Entry] = []
    rest = rest.dropFirst().drop { $0 == 32 }
    while rest.first != UInt8(ascii: "}") {
      guard let (key, after) = Self.key(rest) else { throw Failure(line: line, reason: "there's no key") }
      if entries.contains(where: { $0.key == key }) { throw Failure(line: line, reason: "\(key) is there twice") }
      rest = after
      entries.append(Entry(key: key, value: try value(&rest, line, depth: depth + 1, isInside: true)))
      try separator(&rest, UInt8(ascii: "}"), line)
    }
    rest = rest.dropFirst()
    return entries
  }

  /// Goes past a comma, or stays at the end.
  private func separator(_ rest: inout ArraySlice<UInt8>, _ end: UInt8, _ line: Int) throws(Failure) {
    rest = rest.drop { $0 == 32 }
    if rest.first == end { return }
    guard rest.first == UInt8(ascii: ",") else { throw Failure(line: line, reason: "a bracket isn't closed") }
    rest = rest.dropFirst().drop { $0 == 32 }
  }

  private func quoted(_ rest: inout ArraySlice<UInt8>, _ line: Int) throws(Failure) -> String {
    let quote = rest.removeFirst()
    guard let end = rest.firstIndex(of: quote) else { throw Failure(line: line, reason: "a quote isn't closed") }
    let text = rest[..<end]
    rest = rest[(end + 1)...]
    if quote == UInt8(ascii: "\""), text.contains(UInt8(ascii: "\\")) {
      throw Failure(line: line, reason: "a backslash is in quotes: use single ones")
    }
    return String(decoding: text, as: UTF8.self)
  }
}

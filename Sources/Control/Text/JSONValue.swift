/// A JSON text's value (RFC 8259). Objects keep the order of their members, so that what is printed is always the same.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A number that is whole and fits.
  case integer(Int)
  /// Any other number; never infinite.
  case number(Double)
  /// Text.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Named values in order; of equal names the first counts.
  case object([Member])

  /// A named value.
  public struct Member: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The value.
    public let value: JSONValue

    /// A named value.
    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The member of that name; nil when there is none, or this is no object.
  public subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
  }

  /// The text, if it is one.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The whole number, if it is one.
  public var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  /// The values, if it is an array.
  public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  // MARK: Printing

  /// The shortest text.
  public var compact: String {
    var text = ""
    write(to: &text, indentation: nil)
    return text
  }

  /// The text with one member a line, indented by two spaces, lines ended by `lineEnd`; without one at the end.
  public func pretty(lineEnd: String = "\n") -> String {
    var text = ""
    write(to: &text, indentation: lineEnd)
    return text
  }

  private func write(to text: inout String, indentation: String?) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let number): text += String(number)
    case .number(let number): text += number.isFinite ? "\(number)" : "null"
    case .string(let string): text += Self.quoted(string)
    case .array(let values):
      Self.write(values.count, "[", "]", to: &text, indentation) { position, text, indentation in
        values[position].write(to: &text, indentation: indentation)
      }
    case .object(let members):
      Self.write(members.count, "{", "}", to: &text, indentation) { position, text, indentation in
        text += Self.quoted(members[position].name) + (indentation == nil ? ":" : ": ")
        members[position].value.write(to: &text, indentation: indentation)
      }
    }
  }

  private static func write(
    _ count: Int, _ start: String, _ end: String, to text: inout String, _ indentation: String?,
    _ writePart: (Int, inout String, String?) -> Void
  ) {
    guard count > 0 else { return text += start + end }
    let inner = indentation.map { $0 + "  " }
    text += start
    for position in 0..<count {
      if position > 0 { text += "," }
      if let inner { text += inner }
      writePart(position, &text, inner)
    }
    if let indentation { text += indentation }
    text += end
  }

  /// `string` between quotation marks, with what would end it or the line escaped.
  public static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// Values in order.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Named values in order.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
